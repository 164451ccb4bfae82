"""Upstreams with several hosts, keys behind a word, and advice for who is refused."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import respx

from adapters.http.http_fetchers import HttpFetchers
from adapters.http.http_settings import HttpSettings
from adapters.http.keys.key_credentials import KeyCredentials
from adapters.http.urls import absolute_url
from application.ports.fetchers import FetchOptions
from domain.errors import FetchError, PermanentError, RefusedError
from domain.requests import Request, Response, Trust
from domain.sources import ApiKey, Source
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.sample_source import SAMPLE

OWN, ARCHIVE, MIRROR = "https://api.test/v1", "https://archive.test", "https://mirror.test"
SECRET = "canary-7f3a-of-a-key-that-is-secret"
KEY = ApiKey("Authorization", "SAMPLE_KEY", "https://api.test/keys", scheme="Token")
POLICY = replace(
    SAMPLE.policy, base_url=OWN, hosts={"archive": ARCHIVE}, when_refused="Say who you are"
)
SOURCE = replace(SAMPLE, policy=POLICY)
ANEW = Request(kind="x", url="/old", host="archive")


def fetched(
    request: Request, source: Source = SOURCE, base_urls: dict[str, str] | None = None
) -> Response | FetchError:
    """The outcome of one request, over all layers."""

    async def ask() -> Response | FetchError:
        clock = FakeClock()
        settings = HttpSettings(base_urls=base_urls or {}, user_agent="pipeline/1")
        credentials = KeyCredentials(
            keys={"SAMPLE_KEY": SECRET}, folder=Path("unused"), clock=clock, settings=settings
        )
        cache = FakeResponseCache(clock)
        fetchers = HttpFetchers(
            credentials=credentials, cache=cache, clock=clock, settings=settings
        )
        async with fetchers.open(source, FetchOptions()) as fetcher:
            try:
                return await fetcher.fetch(request)
            except FetchError as error:
                return error

    return asyncio.run(ask())


def test_a_request_goes_to_the_host_that_it_names() -> None:
    """Others go to the base URL; addresses found in data name no host."""
    hosts = {"archive": ARCHIVE}
    assert absolute_url(OWN, ANEW, hosts) == f"{ARCHIVE}/old"
    assert absolute_url(OWN, replace(ANEW, host=""), hosts) == f"{OWN}/old"
    stranger = replace(ANEW, url="https://x.test/a", trust=Trust.UNTRUSTED)
    assert absolute_url(OWN, stranger, hosts) == "https://x.test/a"
    with pytest.raises(KeyError):
        absolute_url(OWN, replace(ANEW, host="unknown"), hosts)


def test_a_base_url_that_is_replaced_gets_all_routes() -> None:
    """As mirrors and tests want it."""
    settings = HttpSettings(base_urls={SOURCE.name: MIRROR})
    assert settings.hosts(SOURCE) == {"archive": MIRROR}
    assert HttpSettings().hosts(SOURCE) == {"archive": ARCHIVE}


@respx.mock
def test_a_key_goes_to_the_base_url_alone_and_behind_its_word() -> None:
    """The further hosts of a source do not see it."""
    keyed = replace(SOURCE, policy=replace(POLICY, api_key=KEY))
    own = respx.get(f"{OWN}/a").mock(return_value=httpx.Response(200, json={}))
    archive = respx.get(f"{ARCHIVE}/old").mock(return_value=httpx.Response(200, json={}))
    fetched(replace(ANEW, url="/a", host=""), keyed)
    fetched(ANEW, keyed)

    assert own.calls[0].request.headers["authorization"] == f"Token {SECRET}"
    assert "authorization" not in archive.calls[0].request.headers


@respx.mock
def test_an_echoed_key_is_masked_without_its_word() -> None:
    """Upstreams repeat the key alone."""
    keyed = replace(SOURCE, policy=replace(POLICY, api_key=KEY))
    body = json.dumps({"you": SECRET})
    respx.get(f"{OWN}/a").mock(return_value=httpx.Response(200, text=body))
    answer = fetched(replace(ANEW, url="/a", host=""), keyed)

    assert isinstance(answer, Response)
    assert SECRET.encode() not in answer.body
    assert answer.fetched_at <= datetime.max.replace(tzinfo=UTC)


@respx.mock
def test_who_is_refused_is_told_what_to_do() -> None:
    """In the source's own words; other errors stay as they are."""
    respx.get(f"{ARCHIVE}/old").mock(return_value=httpx.Response(403, text="no"))
    refused = fetched(ANEW)
    assert isinstance(refused, RefusedError)
    assert refused.reason == "HTTP 403: no. Say who you are"

    respx.get(f"{ARCHIVE}/old").mock(return_value=httpx.Response(404, text="no"))
    missing = fetched(ANEW)
    assert isinstance(missing, PermanentError)
    assert "Say who" not in missing.reason
