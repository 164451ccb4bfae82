"""What every batch fetcher keeps to."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import aclosing

import pytest

from application.ports.fetcher import BatchFetcher, Fetched
from domain.errors import PermanentError, RefusedError
from domain.requests import Request, Response, Trust

GOOD = "https://data.test/good"
GONE = "https://data.test/gone"
REFUSED = "/refused"


class FetcherContract:
    """`fetcher()` answers GOOD with `{"a": 1}`, GONE with 404 and REFUSED with 401."""

    @abstractmethod
    def fetcher(self) -> BatchFetcher:
        """A new fetcher; called inside an event loop."""

    def test_one_answer_is_whole(self) -> None:
        """A status of success, the body, and when it was received."""

        async def fetched() -> Response:
            return await self.fetcher().fetch(_request(GOOD))

        answer = asyncio.run(fetched())
        assert (answer.status, answer.body) == (200, b'{"a": 1}')
        assert answer.fetched_at.tzinfo is not None

    def test_one_failure_is_raised(self) -> None:
        """With its status."""

        async def fetched() -> Response:
            return await self.fetcher().fetch(_request(GONE))

        with pytest.raises(PermanentError) as failed:
            asyncio.run(fetched())
        assert failed.value.status == 404

    def test_a_batch_has_an_outcome_for_each_request(self) -> None:
        """Failures are outcomes; none keeps the others from theirs."""
        requests = [_request(url) for url in (GOOD, GONE, GOOD + "?2", GONE + "?2")]
        outcomes = asyncio.run(self._batch(requests))

        assert sorted(each.request.url for each in outcomes) == sorted(r.url for r in requests)
        kinds = {each.request.url: type(each.outcome) for each in outcomes}
        assert (kinds[GOOD], kinds[GONE]) == (Response, PermanentError)

    def test_a_refusal_by_the_source_ends_the_batch(self) -> None:
        """The same key would be refused again and again."""
        refused = Request(kind="page", url=REFUSED)
        with pytest.raises(RefusedError):
            asyncio.run(self._batch([refused]))

    def test_an_empty_batch_has_no_outcome(self) -> None:
        """And asks nothing."""
        assert asyncio.run(self._batch([])) == []

    def test_a_batch_can_be_left_early(self) -> None:
        """Closing it cancels the rest and leaves no task behind."""

        async def left() -> int:
            requests = [_request(f"{GOOD}?{n}") for n in range(20)]
            async with aclosing(self.fetcher().fetch_many(requests)) as outcomes:
                await anext(outcomes)
            return len(asyncio.all_tasks())

        assert asyncio.run(left()) == 1

    def test_requests_are_counted(self) -> None:
        """From nothing upwards."""

        async def counted() -> tuple[int, int]:
            fetcher = self.fetcher()
            before = fetcher.statistics()
            await fetcher.fetch(_request(GOOD))
            after = fetcher.statistics()
            return before.requests + before.cache_hits, after.requests + after.cache_hits

        before, after = asyncio.run(counted())
        assert before == 0
        assert after >= before

    async def _batch(self, requests: Sequence[Request]) -> list[Fetched]:
        async with aclosing(self.fetcher().fetch_many(requests)) as outcomes:
            return [each async for each in outcomes]


def _request(url: str) -> Request:
    return Request(kind="document", url=url, trust=Trust.UNTRUSTED)
