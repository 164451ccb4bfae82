"""All HTTP layers as the container builds them, on loopback and a clock of our own."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from adapters.http.http_fetchers import HttpFetchers
from adapters.http.http_settings import HttpSettings
from application.ports.fetcher import BatchFetcher
from application.ports.fetchers import FetchOptions
from domain.errors import FetchError
from domain.requests import CacheMode, CachePolicy, Request, Response, Trust
from domain.sources import SourcePolicy
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_credentials import FakeCredentials
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.sample_source import SAMPLE

_BATCH = 256
_UNCACHED = CachePolicy(CacheMode.OFF)


@dataclass
class HttpStack:
    """A fetcher, and the clock on which limits and pauses wait."""

    fetcher: BatchFetcher
    clock: FakeClock

    @property
    def slept(self) -> float:
        return sum(self.clock.slept)

    async def outcome(
        self, url: str, trust: Trust = Trust.UNTRUSTED, method: str = "GET"
    ) -> Response | FetchError:
        try:
            return await self.fetcher.fetch(
                Request(kind="x", url=url, trust=trust, cache=_UNCACHED, method=method)
            )
        except FetchError as error:
            return error

    async def outcomes(
        self, urls: Iterable[str], trust: Trust = Trust.UNTRUSTED
    ) -> list[Response | FetchError]:
        """Of many requests, in batches, in the order of completion."""
        requests = [Request(kind="x", url=url, trust=trust, cache=_UNCACHED) for url in urls]
        found: list[Response | FetchError] = []
        for start in range(0, len(requests), _BATCH):
            async for fetched in self.fetcher.fetch_many(requests[start : start + _BATCH]):
                found.append(fetched.outcome)  # noqa: PERF401 - an async generator
        return found


@asynccontextmanager
async def http_stack(
    base_url: str, policy: SourcePolicy | None = None, *, concurrency: int = 64
) -> AsyncGenerator[HttpStack]:
    clock = FakeClock()
    fetchers = HttpFetchers(
        credentials=FakeCredentials(available=False),
        cache=FakeResponseCache(clock),
        clock=clock,
        settings=HttpSettings(
            concurrency=concurrency,
            allow_private=("127.0.0.0/8",),
            base_urls={"sample": base_url},
            user_agent="pipeline/1",
        ),
    )
    source = replace(SAMPLE, policy=policy) if policy else SAMPLE
    async with fetchers.open(source, FetchOptions()) as fetcher:
        yield HttpStack(fetcher, clock)
