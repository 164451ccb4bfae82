"""Our stack as `app ingest` has it, over a store of one's choice."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from adapters.http.http_fetchers import HttpFetchers
from adapters.http.http_settings import HttpSettings
from adapters.system.system_clock import SystemClock
from application.ports.credentials import Credential, Credentials
from application.ports.fetcher import BatchFetcher
from application.ports.fetchers import FetchOptions
from application.ports.response_cache import ResponseCache
from domain.requests import Request, Response, Trust
from domain.sources import Source, SourcePolicy


class NoKeys(Credentials):
    """A source without a key."""

    async def credential(self, source: Source) -> Credential | None:
        """Nobody asks."""
        del source

    def partition(self, source: Source) -> str:  # noqa: ARG002 - the port's
        """None."""
        return ""

    async def renew(self, source: Source, refused: Credential) -> Credential | None:
        """Nor twice."""
        del source, refused


def _nothing(*_: object) -> list[Request]:
    return []


def _source(base_url: str) -> Source:
    return Source(
        name="bench",
        domain="bench",
        title="",
        example_target="",
        tables=(),
        policy=SourcePolicy(base_url=base_url, concurrency=64),
        check_target=str,
        start=_nothing,
        parse=_nothing,  # type: ignore[arg-type]  # nobody parses here
        failed=_nothing,  # type: ignore[arg-type]  # nor fails
    )


@asynccontextmanager
async def our_fetcher(base_url: str, cache: ResponseCache) -> AsyncGenerator[BatchFetcher]:
    """Addresses found in data, as metadata documents are."""
    settings = HttpSettings(concurrency=64, allow_private=("127.0.0.1",))
    fetchers = HttpFetchers(
        credentials=NoKeys(), cache=cache, clock=SystemClock(), settings=settings
    )
    async with fetchers.open(_source(base_url), FetchOptions()) as fetcher:
        yield fetcher


def requests_for(urls: Sequence[str]) -> dict[str, Request]:
    """What a source hands over; it has made them before anybody asks the cache."""
    return {url: Request(kind="document", url=url, trust=Trust.UNTRUSTED) for url in urls}


async def fetched_bytes(fetcher: BatchFetcher, requests: Sequence[Request]) -> int:
    """Ask for a batch; bytes of all bodies, which must all be there."""
    size = 0
    async for fetched in fetcher.fetch_many(requests):
        if not isinstance(fetched.outcome, Response):
            raise fetched.outcome
        size += len(fetched.outcome.body)
    return size
