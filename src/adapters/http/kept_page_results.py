"""What pages led to, beside the answers that it was made of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, cast

import msgspec
import structlog

from adapters.http.code_stamp import code_stamp
from adapters.http.fetch_counters import FetchCounters
from adapters.http.record_types import list_of, record_type, tuple_of
from adapters.http.urls import absolute_url
from application.ports.clock import Clock
from application.ports.page_results import PageResults
from application.ports.response_cache import DERIVED, ResponseCache
from domain.headers import Headers
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.storing import FOREVER
from domain.page_results import AnswerRows, PageResult, WholePage
from domain.record_block import RecordBlock
from domain.requests import Request
from domain.scrubbing import scrubbed_url
from domain.sources import Source
from domain.tables import Record
from domain.time_spent import CACHE

_FORMAT = "1"
_DIGEST_BYTES = 20
_OK = 200
_log = structlog.get_logger()
_NOT_ENCODED = (TypeError, ValueError, OverflowError, RecursionError)  # half characters, for one


class KeptPageResults(PageResults):
    """Entries of the response cache, which bounds, expires, checks and purges them with the rest.

    Their values are decoded by the types of the source's tables: what does not fit is a miss.

    Args:
        cache: keeps them.
        source: whose pages they are.
        partition: of its credential; what one key was answered is not another's.
        base_url, hosts: of the source.
        counters: told of the answers that need not be read.
        refresh: recall nothing, but keep what comes.
    """

    def __init__(
        self,
        *,
        cache: ResponseCache,
        source: Source,
        partition: str,
        base_url: str,
        hosts: Mapping[str, str],
        counters: FetchCounters,
        clock: Clock,
        refresh: bool,
    ) -> None:
        self._cache = cache
        self._source = source
        self._base_url = base_url
        self._hosts = hosts
        self._counters = counters
        self._clock = clock
        self._refresh = refresh
        self._owner = (_FORMAT, code_stamp(), source.name, partition, base_url)
        self._tables = [table.name for table in source.tables]
        self._decoder = msgspec.msgpack.Decoder(_kept_type(source))
        self._encoder = msgspec.msgpack.Encoder(enc_hook=_records)

    def key(self, requests: Sequence[Request], reading: str) -> str | None:
        """A hash of all that they are, of who asks, and of the code that reads the answers."""
        try:
            asked = self._encoder.encode((self._owner, reading, requests))
        except _NOT_ENCODED:
            return None
        return blake2b(asked, digest_size=_DIGEST_BYTES).hexdigest()

    async def recall(self, key: str) -> PageResult | None:
        """From the cache, if it is there and what it ought to be."""
        if self._refresh:
            return None
        entry = await self._found(key)
        if entry is None:
            return None
        try:
            rows, result, hosts = self._decoder.decode(entry.body)
        except (msgspec.MsgspecError, ValueError) as error:
            _log.warning("cache.page_result_unreadable", url=entry.url, reason=str(error))
            return None
        for host, count in hosts.items():
            self._counters.carried_over(host, count)
        named = {
            table: [AnswerRows(*each) for each in answers]
            for table, answers in zip(self._tables, rows, strict=True)
        }
        return cast("PageResult", replace(result, rows=named))

    async def keep(self, page: WholePage) -> None:
        """Into the cache, until the first of its answers would be asked for again."""
        result = page.result
        rows = [result.rows.get(table, ()) for table in self._tables]
        try:
            body = self._encoder.encode((rows, replace(result, rows={}), self._hosts_of(page)))
        except _NOT_ENCODED as error:
            _log.debug("cache.page_result_not_kept", url=page.address, reason=str(error))
            return
        received_at = page.received_at.timestamp()
        expires_at = min(page.reusable_until, self._clock.timestamp() + FOREVER)
        entry = StoredResponse(
            source=self._source.name,
            url=f"{DERIVED}{scrubbed_url(page.address)}",
            status=_OK,
            headers=Headers(),
            body=body,
            vary_key="",
            requested_at=received_at,
            received_at=received_at,
            body_received_at=received_at,
            expires_at=expires_at,
        )
        await self._cache.put(page.key, entry)

    async def _found(self, key: str) -> StoredResponse | None:
        counters, began = self._counters, self._clock.monotonic()
        with counters.shared.counted(CACHE, 1, self._clock.monotonic):
            variants = (await self._cache.get_many((key,))).get(key)
        counters.looking_up += self._clock.monotonic() - began
        return variants[0] if variants else None

    def _hosts_of(self, page: WholePage) -> dict[str, int]:
        counts: dict[str, int] = {}
        for request in page.asked:
            host = FetchCounters.host_of(absolute_url(self._base_url, request, self._hosts))
            counts[host] = counts.get(host, 0) + 1
        return counts


def _records(value: Any) -> Sequence[Record]:
    if isinstance(value, RecordBlock):
        return [*value]
    message = f"{type(value).__name__} has no form in which it is kept"
    raise TypeError(message)


def _kept_type(source: Source) -> Any:
    """What is kept: rows in the order of the tables, all else that a page led to, and hosts."""
    records = [list_of(record_type(table.schema)) for table in source.tables]
    rows = tuple_of(list_of(tuple_of((datetime, each))) for each in records)
    return tuple_of((rows, PageResult, dict[str, int]))
