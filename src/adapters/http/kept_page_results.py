"""What pages led to, beside the answers that it was made of."""

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256

import msgspec
import structlog

from adapters.http.code_stamp import code_stamp
from adapters.http.fetch_counters import FetchCounters
from adapters.http.page_result_codec import NOT_ENCODED, PageResultCodec
from adapters.http.urls import absolute_url
from application.ports.clock import Clock
from application.ports.page_results import PageResults
from application.ports.response_cache import DERIVED, ResponseCache
from domain.headers import Headers
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.storing import FOREVER
from domain.page_results import PageResult, WholePage
from domain.requests import Request
from domain.scrubbing import scrubbed_url
from domain.sources import Source
from domain.time_spent import CACHE

_FORMAT = "1"
_DIGITS = 40
_OK = 200
_log = structlog.get_logger()


class KeptPageResults(PageResults):
    """Entries of the response cache, which bounds, expires, checks and purges them with the rest.

    What `PageResultCodec` refuses is a miss.

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
        self._stamp = code_stamp()
        self._owner = (_FORMAT, self._stamp, source.name, partition, base_url)
        self._codec = PageResultCodec(source.tables)
        self._encoder = msgspec.msgpack.Encoder()

    def key(self, requests: Sequence[Request], reading: str) -> str | None:
        """A hash of all that they are, of who asks, and of the code that reads the answers."""
        if self._stamp is None:
            return None
        try:
            asked = self._encoder.encode((self._owner, reading, requests))
        except NOT_ENCODED:
            return None
        return sha256(asked).hexdigest()[:_DIGITS]  # the processor's own; it may be 100 kB

    async def recall(self, key: str) -> PageResult | None:
        """From the cache, if it is there and what it ought to be."""
        if self._refresh:
            return None
        entry = await self._found(key)
        if entry is None:
            return None
        try:
            result, hosts = self._codec.decode(entry.body)
        except ValueError as error:  # msgspec's among them
            _log.warning("cache.page_result_unreadable", url=entry.url, reason=str(error))
            return None
        for host, count in hosts.items():
            self._counters.carried_over(host, count)
        return result

    async def keep(self, page: WholePage) -> None:
        """Into the cache, until the first of its answers would be asked for again."""
        try:
            body = self._codec.encode(page.result, self._hosts_of(page))
        except NOT_ENCODED as error:
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

    def _hosts_of(self, page: WholePage) -> Mapping[str, int]:
        urls = [absolute_url(self._base_url, each, self._hosts) for each in page.asked]
        return Counter(map(FetchCounters.host_of, urls))
