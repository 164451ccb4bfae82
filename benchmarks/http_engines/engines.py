"""The ways to fetch that are compared: each a context that yields a function.

It takes paths, gets them all and says how many bytes their bodies had.
"""

import asyncio
import itertools
import ssl
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import aiohttp
import httpx

from adapters.cache.sqlite_response_cache import SqliteResponseCache
from adapters.http.deadlines import Deadlines
from adapters.http.http_client import http_client
from adapters.http.http_fetchers import HttpFetchers
from adapters.http.http_settings import HttpSettings
from adapters.http.name_resolver import SystemNameResolver
from adapters.http.pinned_backend import PinnedBackend
from adapters.system.system_clock import SystemClock
from application.ports.credentials import Credential, Credentials
from application.ports.fetchers import FetchOptions
from application.walk_target import BATCH, LANES
from domain.requests import CacheMode, CachePolicy, Request, Response, Trust
from domain.sources import Source, SourcePolicy

type GetAll = Callable[[Sequence[str]], Awaitable[int]]
type Engine = Callable[[str, ssl.SSLContext, int], AbstractAsyncContextManager[GetAll]]


class NoKeys(Credentials):
    """A source without a key."""

    async def credential(self, source: Source) -> Credential | None:  # noqa: ARG002 - the port's
        """None."""
        return None

    def partition(self, source: Source) -> str:  # noqa: ARG002 - the port's
        """None."""
        return ""

    async def renew(self, source: Source, rejected: Credential) -> Credential | None:  # noqa: ARG002 - the port's
        """None."""
        return None


def _nothing(*_: object) -> list[Request]:
    return []


def _source(base_url: str, concurrency: int, *, cached: bool) -> Source:
    mode = CachePolicy(CacheMode.RFC9111 if cached else CacheMode.OFF)
    return Source(
        name="bench",
        domain="bench",
        title="",
        example_target="",
        tables=(),
        policy=SourcePolicy(base_url=base_url, concurrency=concurrency, cache=mode),
        check_target=str,
        start=_nothing,
        parse=_nothing,  # type: ignore[arg-type]  # nobody parses here
        failed=_nothing,  # type: ignore[arg-type]  # nor fails
    )


def _stack(*, cached: bool) -> Engine:
    """The whole stack as `app ingest` has it, untrusted URLs and all."""

    @asynccontextmanager
    async def opened(
        base_url: str, context: ssl.SSLContext, concurrency: int
    ) -> AsyncGenerator[GetAll]:
        _trust(context)
        settings = HttpSettings(
            concurrency=concurrency,
            allow_private=("localhost",),
            base_urls={"bench": base_url},
        )
        clock = SystemClock()
        with tempfile.TemporaryDirectory() as folder:
            cache = SqliteResponseCache(Path(folder), clock)
            fetchers = HttpFetchers(
                credentials=NoKeys(), cache=cache, clock=clock, settings=settings
            )
            source = _source(base_url, concurrency, cached=cached)
            async with fetchers.open(source, FetchOptions()) as fetcher:

                async def lane(batches: Iterator[Sequence[str]]) -> int:
                    size = 0
                    for paths in batches:
                        requests = [
                            Request(kind="x", url=base_url + path, trust=Trust.UNTRUSTED)
                            for path in paths
                        ]
                        async for fetched in fetcher.fetch_many(requests):
                            assert isinstance(fetched.outcome, Response)
                            size += len(fetched.outcome.body)
                    return size

                async def get_all(paths: Sequence[str]) -> int:
                    batches = itertools.batched(paths, BATCH)
                    return sum(await asyncio.gather(*(lane(batches) for _ in range(LANES))))

                yield get_all
            await cache.close()

    return opened


@asynccontextmanager
async def _face(base_url: str, context: ssl.SSLContext, concurrency: int) -> AsyncGenerator[GetAll]:
    """Our engine behind a plain `client.get`, all of httpx's own work included."""
    _trust(context)
    resolver = SystemNameResolver()
    client = http_client(
        backend=PinnedBackend(resolver=resolver, guard=None),
        deadlines=Deadlines(),
        user_agent="bench",
        concurrency=concurrency,
    )
    async with client:
        yield _by_workers(client, base_url, concurrency)
    resolver.close()


def _httpx(*, http2: bool = False, limited: bool = True) -> Engine:
    @asynccontextmanager
    async def opened(
        base_url: str, context: ssl.SSLContext, concurrency: int
    ) -> AsyncGenerator[GetAll]:
        kept = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
        limits = (
            kept if limited else httpx.Limits(max_connections=100, max_keepalive_connections=20)
        )
        async with httpx.AsyncClient(verify=context, limits=limits, http2=http2) as client:
            yield _by_workers(client, base_url, concurrency)

    return opened


@asynccontextmanager
async def _aiohttp(
    base_url: str, context: ssl.SSLContext, concurrency: int
) -> AsyncGenerator[GetAll]:
    connector = aiohttp.TCPConnector(limit=concurrency, ssl=context)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def work(paths: Iterator[str]) -> int:
            size = 0
            for path in paths:
                async with session.get(base_url + path) as answer:
                    size += len(await answer.read())
            return size

        async def get_all(paths: Sequence[str]) -> int:
            each = iter(paths)
            return sum(await asyncio.gather(*(work(each) for _ in range(concurrency))))

        yield get_all


def _by_workers(client: httpx.AsyncClient, base_url: str, concurrency: int) -> GetAll:
    async def work(paths: Iterator[str]) -> int:
        size = 0
        for path in paths:
            size += len((await client.get(base_url + path)).content)
        return size

    async def get_all(paths: Sequence[str]) -> int:
        each = iter(paths)
        return sum(await asyncio.gather(*(work(each) for _ in range(concurrency))))

    return get_all


def _trust(context: ssl.SSLContext) -> None:
    """Our clients build their own context, and the upstream's authority is a private one."""
    httpx.create_ssl_context = lambda **_: context


ENGINES: dict[str, Engine] = {
    "ours": _stack(cached=True),
    "ours-no-cache": _stack(cached=False),
    "our-engine": _face,
    "aiohttp": _aiohttp,
    "httpx": _httpx(),
    "httpx-default": _httpx(limited=False),
    "httpx-h2": _httpx(http2=True),
}
