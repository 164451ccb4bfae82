"""What upstreams answer when something is wrong, through the judge of answers to the source."""

import asyncio
from collections import deque
from dataclasses import dataclass

import pytest

from adapters.http.judging_wire import JudgingWire
from adapters.http.outcomes import outcome_of
from adapters.http.wire import WireRequest
from adapters.registry.package_source_registry import PackageSourceRegistry
from adapters.sources.declared.declaration import read_declaration
from domain.errors import (
    FetchError,
    NotFoundError,
    ParseError,
    PermanentError,
    PipelineError,
    RefusedError,
    RetryableError,
    ThrottledError,
)
from domain.http_caching.stored_response import StoredResponse
from domain.options import check_options
from domain.requests import Origin, Request
from domain.sources import Page, Source, Window
from tests.fakes.fake_wire import FakeWire, wire_response
from tests.fakes.recorded_answers import RECORDINGS

_REGISTRY = PackageSourceRegistry(read=read_declaration)
_AT = 1_767_000_000.0
_LIMIT = b'{"message":"API rate limit exceeded for 192.0.2.1. (But here\'s the good news: ...)"}'


@dataclass(frozen=True)
class Case:
    """An answer to the first request of a run, and what it means.

    Attributes:
        body: bytes, or the name of a recording.
        wait: seconds that the upstream wants to be left alone; None: it does not say.
    """

    domain: str
    source: str
    target: str
    status: int
    body: bytes | str
    error: type[PipelineError]
    headers: tuple[tuple[str, str], ...] = ()
    wait: float | None = None


_SECONDS = (("retry-after", "30"),)
_RESET = (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", str(int(_AT) + 90)))
_DATE = (("date", "Mon, 29 Dec 2025 09:20:20 GMT"),)
CASES = (
    Case("crypto", "binance", "NOPE", 400, "error_invalid_symbol.json", NotFoundError),
    Case("crypto", "binance", "BTCUSDT", 429, b"{}", ThrottledError, _SECONDS, 30.0),
    Case("crypto", "binance", "BTCUSDT", 418, b"{}", ThrottledError, _SECONDS, 30.0),
    Case(
        "crypto", "coinbase_exchange", "NO-PE", 404, "error_unknown_product.json", NotFoundError
    ),
    Case("crypto", "coinbase_exchange", "BTC-USD", 429, b"", ThrottledError),
    Case("weather", "open_meteo", "1,1", 400, "error_400_bad_unit.json", PermanentError),
    Case(
        "weather", "open_meteo", "1,1", 200,
        b'{"error":true,"reason":"Minutely API request limit exceeded. '
        b'Please try again in one minute."}',
        ThrottledError, _DATE, 40.0,
    ),
    Case("stocks", "tiingo", "NOPE", 404, "error_unknown_ticker.json", NotFoundError),
    Case("stocks", "tiingo", "AAPL", 401, b'{"detail":"Invalid token."}', RefusedError),
    Case(
        "stocks", "tiingo", "AAPL", 200,
        b'{"detail":"Error: You have run over your hourly request allocation."}', PipelineError,
    ),
    Case("stocks", "sec_edgar", "CIK0000000001", 404, "error_404.xml", NotFoundError),
    Case("fx", "frankfurter", "XXX", 404, b'{"message":"not found"}', NotFoundError),
    Case("fx", "frankfurter", "EUR", 503, b"", RetryableError),
    Case("indicators", "world_bank", "NO.PE", 200, "invalid.json", NotFoundError),
    Case("indicators", "world_bank", "SP.POP.TOTL", 200, b"<html></html>", PipelineError),
    Case("quakes", "usgs", "world", 400, b"Error 400: Bad Request", PermanentError),
    Case("github", "github", "a/b", 404, b'{"message":"Not Found"}', NotFoundError),
    Case("github", "github", "a/b", 410, b'{"message":"Issues are disabled"}', NotFoundError),
    Case("github", "github", "a/b", 403, _LIMIT, ThrottledError, _RESET),
    Case("github", "github", "a/b", 401, b'{"message":"Bad credentials"}', RefusedError),
    Case("nft", "opensea", "nope", 404, b'{"errors":["Collection not found"]}', NotFoundError),
    Case("nft", "opensea", "gnars-v2", 401, b'{"errors":["Invalid API key"]}', RefusedError),
    Case("nft", "opensea", "gnars-v2", 429, b"", ThrottledError, _SECONDS, 30.0),
)  # fmt: skip


def _judged(source: Source, request: Request, case: Case, body: bytes) -> Page:
    """What the source makes of the answer; an answer's own error is raised."""
    url = f"https://upstream.invalid{request.url}"
    answer = wire_response(case.status, body, at=_AT, url=url, headers=case.headers)
    wire = JudgingWire(
        wire=FakeWire(answer),
        throttled_statuses=source.policy.throttled_statuses,
        limited=source.policy.limited,
    )
    found = asyncio.run(wire.send(WireRequest(request, url)))
    stored = StoredResponse(
        source=source.name,
        url=url,
        status=found.status,
        headers=found.headers,
        body=found.body,
        vary_key="",
        requested_at=_AT,
        received_at=_AT,
        body_received_at=_AT,
        expires_at=_AT,
    )
    outcome = outcome_of(stored, Origin.NETWORK, request)
    if isinstance(outcome, FetchError):
        return source.failed(request, outcome)
    try:
        return source.parse(request, outcome)
    except ParseError as error:
        return source.failed(request, error)


def _walk(source: Source, pending: deque[Request], case: Case, body: bytes) -> None:
    """All requests get the same answer."""
    for _ in range(5):
        if pending:
            pending.extend(_judged(source, pending.popleft(), case, body).requests)


@pytest.mark.parametrize("case", CASES, ids=lambda each: f"{each.source}-{each.status}")
def test_an_error_answer_means_what_it_says(case: Case) -> None:
    """Not found, refused, slower or broken; a list that is asked next has an empty answer."""
    source = _REGISTRY.get(case.domain, case.source)
    recorded = isinstance(case.body, str)
    body = (RECORDINGS / case.source / str(case.body)).read_bytes() if recorded else case.body
    assert isinstance(body, bytes)
    options = check_options(source, {}, None)
    first = source.start(source.check_target(case.target), Window(), options)
    with pytest.raises(case.error) as caught:
        _walk(source, deque(first), case, body)
    if case.wait is not None:
        assert isinstance(caught.value, ThrottledError)
        assert caught.value.retry_after == pytest.approx(case.wait, abs=1.5)


def test_every_recorded_error_is_among_them() -> None:
    """A recording of an error that no case names proves nothing."""
    known = {(case.source, case.body) for case in CASES}
    files = {(path.parent.name, path.name) for path in RECORDINGS.glob("*/error_*")}
    assert files <= known
