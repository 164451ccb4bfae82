"""A private HTTP cache over a wire."""

from collections.abc import Awaitable, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import NamedTuple

import structlog

from adapters.http.background_refreshes import BackgroundRefreshes
from adapters.http.cache_request import CacheRequest, Question, cache_request
from adapters.http.origins import shown
from adapters.http.single_flight import SingleFlight
from adapters.http.stored_answers import StoredAnswers
from adapters.http.wire import Wire, WireRequest, WireResponse
from application.ports.clock import Clock
from domain.errors import RetryableError
from domain.headers import Headers
from domain.http_caching.byte_ranges import sliced
from domain.http_caching.freshness import with_age
from domain.http_caching.preconditions import (
    CONDITIONS,
    as_not_modified,
    is_conditional,
    not_modified,
)
from domain.http_caching.request_directives import NONE
from domain.http_caching.reuse import (
    Decision,
    Fresh,
    Miss,
    Revalidate,
    Unavailable,
    decide,
    reusable_until,
)
from domain.http_caching.stale_use import FAILING, may_serve_on_error
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.terms import Terms, terms_for
from domain.http_caching.validation import freshened, is_confirmed
from domain.requests import CachePolicy, Origin, Request

LAST_REFRESHES = 10.0
"""Seconds for which the end of a run waits for refreshes in the background."""

_OK = 200
_PARTIAL = 206
_NOT_MODIFIED = 304
_GATEWAY_TIMEOUT = 504
_MISS = Miss()
_is_shared = attrgetter("shared")
_of = tuple.__new__
_log = structlog.get_logger()


class Answer(NamedTuple):
    """What the cache says, and where it has it from.

    Attributes:
        shared: it serves others who ask the same at the same time.
        reusable_until: epoch seconds until which it is given again without asking; 0.0: it is not.
    """

    stored: StoredResponse
    origin: Origin
    shared: bool = True
    reusable_until: float = 0.0


def fresh_answer(asked: CacheRequest, decision: Fresh) -> Answer:
    """What is stored and may be given without asking."""
    stored = decision.stored
    return Answer(stored, Origin.CACHE, True, reusable_until(stored, asked.terms))


class PrivateCache(Wire):
    """RFC 9111 and RFC 5861 for one user's requests, of any method and with any fields.

    The rules are in `domain.http_caching`; what is stored, in `StoredAnswers`. Requests that are
    alike share one exchange.

    Args:
        wire: asks the upstream.
        answers: what is stored.
        clock: tells ages.
        partition: keeps apart what depends on the key that is sent.
        refresh: use nothing that is stored, but store what comes.
    """

    def __init__(
        self,
        *,
        wire: Wire,
        answers: StoredAnswers,
        clock: Clock,
        partition: str,
        refresh: bool = False,
    ) -> None:
        self._wire = wire
        self._answers = answers
        self._clock = clock
        self._partition = partition
        self._refresh = refresh
        self._flights = SingleFlight[Question, Answer]()
        self._refreshes = BackgroundRefreshes()

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer with its Age, from the store or the upstream; by the header fields alone.

        504 to a request with `only-if-cached` that the store cannot answer.
        """
        asked = request.request
        if request.headers:
            asked = replace(asked, headers=(*asked.headers, *request.headers))
        terms = terms_for(asked.cache or CachePolicy(), asked.trust)
        query = self.request(asked, request.url, terms)
        (decision,) = await self.look_up((query,))
        answer = await self.answer(query, decision)
        stored = answer.stored
        if answer.origin is not Origin.NETWORK:
            stored = with_age(stored, self._now())
        return WireResponse(
            stored.status,
            stored.headers,
            stored.body,
            stored.requested_at,
            stored.received_at,
            request.url,
        )

    def request(self, request: Request, url: str, terms: Terms) -> CacheRequest:
        """The request as the cache sees it."""
        return cache_request(request, url, terms, self._partition)

    async def look_up(self, asked: Sequence[CacheRequest]) -> list[Decision]:
        """What to do about each request; one visit to the store for all."""
        keys = [] if self._refresh else [each.key for each in asked if each.may_reuse]
        found = await self._answers.get_many(keys) if keys else {}
        now, count = self._now(), self._answers.count
        decisions: list[Decision] = []
        for each in asked:
            each.seen = count
            variants = found.get(each.key, ()) if each.may_reuse else ()
            if variants or each.directives is not NONE:
                decision = decide(variants, each.headers, each.terms, now, each.directives)
            else:
                decision = _MISS
            decisions.append(decision)
        return decisions

    def answer(self, asked: CacheRequest, decision: Decision) -> Awaitable[Answer]:
        """What the decision leads to; everything that the wire raises."""
        is_news = self._answers.stored_since(asked.key, asked.seen)
        if isinstance(decision, Miss) and asked.is_plain and not is_news:
            return self._asked_for(asked, decision)
        return self._answer(asked, decision, again=is_news and not isinstance(decision, Fresh))

    async def _answer(self, asked: CacheRequest, decision: Decision, *, again: bool) -> Answer:
        if again:
            (decision,) = await self.look_up((asked,))
        if isinstance(decision, Fresh):
            return self.presented(asked, fresh_answer(asked, decision))
        if isinstance(decision, Unavailable):
            return Answer(self._unavailable(asked), Origin.CACHE)
        if isinstance(decision, Revalidate) and decision.at_once:
            self._refreshes.start(asked.question, lambda: self._asked_for(asked, decision))
            return self.presented(asked, Answer(decision.stored, Origin.STALE))
        return self.presented(asked, await self._asked_for(asked, decision))

    async def aclose(self, seconds: float = LAST_REFRESHES) -> None:
        """Wait for the refreshes in the background, for so long; then cancel them."""
        await self._refreshes.close(seconds)

    def presented(self, asked: CacheRequest, answer: Answer) -> Answer:
        """The answer in the form that was asked for: its body, a part of it, or that it stands."""
        if asked.is_plain:
            return answer
        stored = answer.stored
        if is_conditional(asked.headers) and not_modified(stored, asked.headers):
            stored = as_not_modified(stored)
        elif asked.is_ranged and stored.status in {_OK, _PARTIAL}:
            stored = sliced(stored, asked.headers) or stored
        if asked.request.method == "HEAD":
            stored = stored._replace(body=b"")
        return answer if stored is answer.stored else answer._replace(stored=stored)

    def _asked_for(self, asked: CacheRequest, decision: Revalidate | Miss) -> Awaitable[Answer]:
        """From the upstream, by one exchange of all that ask the same."""
        if asked.request.method != "GET" and not asked.is_query:
            return self._exchange(asked, decision)
        return self._flights.run(
            asked.question,
            lambda: self._exchange(asked, decision),
            _is_shared,
        )

    async def _exchange(self, asked: CacheRequest, decision: Revalidate | Miss) -> Answer:
        stored = decision.stored if isinstance(decision, Revalidate) else None
        try:
            if stored is not None and isinstance(decision, Revalidate) and decision.conditions:
                answer = await self._send(_without_conditions(asked.request), asked, decision)
                if answer.status == _NOT_MODIFIED and is_confirmed(stored, answer.headers):
                    return await self._confirm(asked, stored, answer)
                again = answer.status == _NOT_MODIFIED
            else:
                answer = await self._send(asked.request, asked, _MISS)
                again = answer.status == _NOT_MODIFIED and not is_conditional(asked.headers)
            if again:
                answer = await self._send(_without_conditions(asked.request), asked, _MISS)
        except RetryableError as error:
            disconnected = error.status is None
            if stored is None or not self._stands_in(asked, stored, disconnected=disconnected):
                raise
            _log.warning("cache.stale_served", url=stored.url, reason=error.reason)
            return Answer(stored, Origin.STALE)
        if stored is not None and answer.status in FAILING and self._stands_in(asked, stored):
            _log.warning("cache.stale_served", url=stored.url, reason=f"HTTP {answer.status}")
            return Answer(stored, Origin.STALE)
        received = self._answers.received(asked, answer)
        replaces = stored is not None or self._refresh
        shared, until = await self._answers.take(asked, received, replaces=replaces)
        return _of(Answer, (received, Origin.NETWORK, shared, until))

    def _send(
        self, request: Request, asked: CacheRequest, decision: Revalidate | Miss
    ) -> Awaitable[WireResponse]:
        conditions = decision.conditions if isinstance(decision, Revalidate) else ()
        return self._wire.send(_of(WireRequest, (request, asked.url, conditions, None)))

    async def _confirm(
        self, asked: CacheRequest, stored: StoredResponse, answer: WireResponse
    ) -> Answer:
        current = freshened(stored, answer.headers, answer.requested_at, answer.received_at)
        shared, until = await self._answers.take(asked, current, replaces=True)
        return Answer(current, Origin.REVALIDATED, shared, until)

    def _stands_in(
        self, asked: CacheRequest, stored: StoredResponse, *, disconnected: bool = False
    ) -> bool:
        return may_serve_on_error(stored, self._now(), asked.terms, disconnected=disconnected)

    def _unavailable(self, asked: CacheRequest) -> StoredResponse:
        now = self._now()
        return StoredResponse(
            source="",
            url=shown(asked.url),
            status=_GATEWAY_TIMEOUT,
            headers=Headers(),
            body=b"",
            vary_key="",
            requested_at=now,
            received_at=now,
            body_received_at=now,
            expires_at=now,
        )

    def _now(self) -> float:
        return self._clock.timestamp()


def _without_conditions(request: Request) -> Request:
    """Without the caller's own conditions, which the answer is judged by afterwards."""
    kept = tuple(field for field in request.headers if field[0].lower() not in CONDITIONS)
    return request if kept == request.headers else replace(request, headers=kept)
