"""What the cache keeps of what it receives."""

import logging
from collections.abc import Awaitable, Mapping, Sequence

import structlog

from adapters.http.cache_key import cache_key
from adapters.http.cache_request import CacheRequest
from adapters.http.wire import WireResponse
from application.ports.response_cache import ResponseCache
from domain.http_caching.byte_ranges import combined
from domain.http_caching.end_to_end import handed_on
from domain.http_caching.invalidation import SAFE_METHODS, invalidated_urls
from domain.http_caching.reuse import reusable_until
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.storing import answers_a_get, entry_and_shared, entry_to_store
from domain.http_caching.validation import describes, freshened
from domain.http_caching.vary import matches, vary_key
from domain.requests import CacheMode
from domain.scrubbing import scrubbed_url

COOKIES = frozenset({"set-cookie", "set-cookie2"})
"""Fields that may hold a secret of the session."""

OF_THE_CODED_BODY = frozenset({"content-encoding", "content-length"})
"""Fields that are no longer true of a decoded body."""

_PARTIAL = 206
_SUCCESS = range(200, 300)
_ABOUT_THE_KEY = frozenset({401, 403, 407})
_MOST_REMEMBERED = 2048
_of = tuple.__new__
_log = structlog.get_logger()


class StoredAnswers:
    """Stores, updates and drops answers as RFC 9111 sections 3 and 4.3 to 4.4 say.

    Args:
        cache: keeps the entries.
        source: who asks.
        partition: of the source's credential.
        withheld: fields that are neither stored nor handed on.

    Attributes:
        count: how many entries have been stored so far.
    """

    def __init__(
        self,
        *,
        cache: ResponseCache,
        source: str,
        partition: str,
        withheld: frozenset[str] = COOKIES | OF_THE_CODED_BODY,
    ) -> None:
        self._cache = cache
        self._source = source
        self._partition = partition
        self._withheld = withheld
        self._latest: dict[str, int] = {}
        self._before: dict[str, int] = {}
        self._log = _log.bind()  # asked for once, not once an answer
        self._tells = self._log.is_enabled_for(logging.DEBUG)
        self.count = 0

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        """The stored variants of each key that has any."""
        return await self._cache.get_many(keys)

    def stored_since(self, key: str, count: int) -> bool:
        """An entry was stored for the key after `count` others; a few thousand are remembered."""
        return self._latest.get(key, 0) > count or self._before.get(key, 0) > count

    def received(self, asked: CacheRequest, answer: WireResponse) -> StoredResponse:
        """The answer as an entry, not stored yet; fields of the connection end with it."""
        status, received_at = answer.status, answer.received_at
        headers = handed_on(answer.headers, self._withheld)
        return _of(
            StoredResponse,
            (
                self._source,
                scrubbed_url(asked.url),
                status,
                headers,
                answer.body,
                vary_key(headers, asked.headers, partial=status == _PARTIAL),
                answer.requested_at,
                received_at,
                received_at,  # the body
                received_at,  # of no use afterwards, as far as is known yet
                None,
            ),
        )

    def take(
        self, asked: CacheRequest, answer: StoredResponse, *, replaces: bool
    ) -> Awaitable[tuple[bool, float]]:
        """Do with a new or freshened answer what is to be done.

        Args:
            asked: the request.
            answer: to it.
            replaces: there is an older entry, which a newer success takes away with it.

        Returns:
            Whether the answer serves others who asked the same meanwhile, and the epoch seconds
            until which it is given again without asking; 0.0 where it is not.
        """
        if asked.request.method == "GET" or asked.is_query:
            return self._keep(asked, answer, replaces=replaces)
        return self._learn(asked, answer)

    async def _learn(self, asked: CacheRequest, answer: StoredResponse) -> tuple[bool, float]:
        """What an answer that is not kept says of what is."""
        method = asked.request.method
        if method == "HEAD":
            await self._compare(asked, answer)
        elif method not in SAFE_METHODS:
            await self._invalidate(asked, answer)
        return False, 0.0

    async def _keep(
        self, asked: CacheRequest, answer: StoredResponse, *, replaces: bool
    ) -> tuple[bool, float]:
        entry, shared = None, False
        if answer.status not in _ABOUT_THE_KEY and not asked.directives.no_store:
            entry, shared = entry_and_shared(answer, asked.terms, ranged=asked.is_ranged)
        if entry is not None:
            if entry.status == _PARTIAL:
                entry = await self._with_other_parts(asked, entry)
            anew = asked.terms.policy.mode is CacheMode.REFRESH  # other variants were wrong as well
            await self._cache.put(asked.key, entry, alone=anew)
            self._remember(asked.key)
        elif replaces and answer.status in _SUCCESS and asked.terms.is_on:
            await self._cache.forget((asked.key,))
        if self._tells:
            stored = entry is not None
            self._log.debug("cache.answered", url=answer.url, status=answer.status, stored=stored)
        return shared, reusable_until(entry, asked.terms) if entry else 0.0

    def _remember(self, key: str) -> None:
        self.count += 1
        if len(self._latest) >= _MOST_REMEMBERED:
            self._before, self._latest = self._latest, {}
        self._latest[key] = self.count

    async def _with_other_parts(self, asked: CacheRequest, entry: StoredResponse) -> StoredResponse:
        """The whole, where the part and those that are stored make it up."""
        variants = (await self._cache.get_many((asked.key,))).get(asked.key, ())
        whole = combined(entry, variants)
        if whole is None:
            return entry
        return whole._replace(vary_key=vary_key(whole.headers, asked.headers))

    async def _compare(self, asked: CacheRequest, head: StoredResponse) -> None:
        """What HEAD says of the stored answer to GET (RFC 9111 section 4.3.5)."""
        if head.status not in _SUCCESS or not asked.terms.is_on:
            return
        variants = (await self._cache.get_many((asked.key,))).get(asked.key, ())
        for stored in variants:
            if stored.status != head.status or not matches(stored, asked.headers):
                continue
            if describes(stored, head.headers):
                current = freshened(stored, head.headers, head.requested_at, head.received_at)
                entry = entry_to_store(current, asked.terms)
                if entry is not None:
                    await self._cache.put(asked.key, entry)
            else:
                await self._cache.forget((asked.key,))

    async def _invalidate(self, asked: CacheRequest, answer: StoredResponse) -> None:
        """What an unsafe request makes doubtful; its answer may be that to a later GET."""
        if not asked.terms.is_on:
            return
        method = asked.request.method
        urls = invalidated_urls(method, asked.url, answer.status, answer.headers)
        if urls:
            keys = {cache_key(asked.request, url, self._partition) for url in urls}
            await self._cache.forget(sorted(keys | {asked.key}))
        no_store = asked.directives.no_store
        if (
            method == "POST"
            and not no_store
            and answers_a_get(answer.status, asked.url, answer.headers)
        ):
            entry = entry_to_store(answer, asked.terms)
            if entry is not None:
                await self._cache.put(asked.key, entry)
