"""Whatever an upstream sends, the source answers with records that fit, or a domain error."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sources.opensea import SOURCE
from domain.errors import FetchError, HostileError, ParseError, PermanentError, PipelineError
from domain.requests import Request
from domain.sources import Page, Window
from tests.contracts.record_shape import assert_fits
from tests.fakes.recorded_answers import RECORDINGS, answer_of

_FILES = sorted(
    path
    for folder in ("opensea", "token_metadata")
    for path in (RECORDINGS / folder).glob("*.json")
    if path.name != "walk.json"
)
_RECORDED = [json.loads(path.read_bytes()) for path in _FILES]
_NUMBERS = (
    st.integers() | st.integers(10**20, 10**80) | st.floats(allow_nan=False, allow_infinity=False)
)
_JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(max_size=20) | st.just("\ud800"),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
_URIS = st.sampled_from(["data:,{}", "ipfs://", "ar://", "https://x.example/{id}", "x", "data:"])
_NAMES = st.sampled_from(
    [
        *("nfts", "next", "identifier", "contract", "metadata_url", "traits", "opensea_url"),
        *("collection", "contracts", "address", "chain", "attributes", "properties", "trait_type"),
        *("value", "display_type", "max_value", "name", "image", "created_date", "total_supply"),
    ]
)
_SHAPED = st.recursive(
    _JSON | _URIS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=6),
    max_leaves=25,
)


def _requests() -> list[Request]:
    [collection] = SOURCE.start("slug", Window(), {})
    contracts = [{"address": "0xaa", "chain": "base"}, {"address": "0xAA", "chain": "matic"}]
    answer = json.dumps({"collection": "slug", "contracts": contracts}).encode()
    [listing] = SOURCE.parse(collection, answer_of(answer)).requests
    cid = "bafkreia7gburv672hfnidgdp7iauifdjc4h5nhry5wkjw7ei7xgwzliwle"
    nfts = [
        {"identifier": "1", "contract": "0xaa", "metadata_url": url}
        for url in ("https://x.example/1", f"ipfs://{cid}/1")
    ]
    page = SOURCE.parse(listing, answer_of(json.dumps({"nfts": nfts}).encode()))
    return [collection, listing, *page.requests]


_REQUESTS = st.sampled_from(_requests())
_ERRORS: st.SearchStrategy[FetchError | ParseError] = st.sampled_from(
    [PermanentError("gone", status=404), HostileError("private"), ParseError("cut off")]
)


def _check(act: Callable[[], Page], request: Request) -> None:
    """Records fit, requests can be written to a checkpoint; else a PipelineError."""
    try:
        page = act()
    except PipelineError:
        assert request.kind != "metadata", "a document never fails the run"
        return
    assert_fits(SOURCE, page.records)
    assert page.items == len(page.records.get("nfts", ()))
    for row in page.records.get("nfts", ()):
        assert row[-2] in (None, "ok", "none", "unreachable", "invalid", "refused")
    for each in page.requests:
        assert json.loads(json.dumps(each.context)) == each.context


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    """A recording with some of its values dropped, emptied, retyped or nested, or cut off."""
    document = draw(st.sampled_from(_RECORDED))
    for _ in range(draw(st.integers(1, 3))):
        document = _mutate(draw, document)
    body = json.dumps(document).encode(errors="surrogatepass")
    return body[: draw(st.integers(0, len(body)))] if draw(st.integers(0, 5)) == 0 else body


def _mutate(draw: st.DrawFn, value: Any) -> Any:
    """Go down a random path and change what is there."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        rest = {name: each for name, each in value.items() if name != key}
        return rest if draw(st.integers(0, 4)) == 0 else {**rest, key: _mutate(draw, value[key])}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], _mutate(draw, value[at]), *value[at + 1 :]]
    retyped = draw(_JSON | _URIS)
    return draw(st.sampled_from([None, [value], {"value": value}, [[value]], str(value), retyped]))


_thorough = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@_thorough
@given(_REQUESTS, st.binary(max_size=200))
def test_any_bytes(request: Request, body: bytes) -> None:
    """Bytes that are no JSON at all."""
    _check(lambda: SOURCE.parse(request, answer_of(body)), request)


@_thorough
@given(_REQUESTS, _SHAPED)
def test_any_json(request: Request, value: object) -> None:
    """JSON with the right names in the wrong places."""
    body = json.dumps(value).encode(errors="surrogatepass")
    _check(lambda: SOURCE.parse(request, answer_of(body)), request)


@_thorough
@given(_REQUESTS, _mutated())
def test_mutated_recordings(request: Request, body: bytes) -> None:
    """Real answers with something wrong in them."""
    _check(lambda: SOURCE.parse(request, answer_of(body)), request)


@_thorough
@given(st.lists(st.dictionaries(_NAMES, _JSON | _URIS, max_size=7), max_size=3), st.none() | _JSON)
def test_any_list(nfts: list[object], cursor: object) -> None:
    """Lists of objects that are hardly NFTs."""
    [_, listing, *_] = _requests()
    body = json.dumps({"nfts": nfts, "next": cursor}).encode(errors="surrogatepass")
    _check(lambda: SOURCE.parse(listing, answer_of(body)), listing)


@settings(max_examples=50, deadline=None)
@given(_REQUESTS, _ERRORS)
def test_any_failure(request: Request, error: FetchError | ParseError) -> None:
    """What is given up leaves a record, another request, or the error."""
    _check(lambda: SOURCE.failed(request, error), request)
