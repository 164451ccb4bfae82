"""One metadata document: where it is asked for, how it is read, what happens when it fails."""

import json

import pytest

from adapters.sources.nft.metadata import ask, given_up, read
from adapters.sources.opensea import SOURCE
from domain.errors import (
    FetchError,
    HostileError,
    ParseError,
    PermanentError,
    RetryableError,
    ThrottledError,
)
from domain.requests import METADATA_BYTES, CacheMode, CachePolicy, Request, Trust
from domain.sources import Failure, Page
from tests.contracts.record_shape import assert_fits
from tests.fakes.recorded_answers import answer_of

CID = "bafkreia7gburv672hfnidgdp7iauifdjc4h5nhry5wkjw7ei7xgwzliwle"
LISTED = ["slug", "0xaa", "base", "7", "No. 7", "told by the list", *[None] * 7]
NAMELESS = ["slug", "0xaa", "base", "7", *[None] * 9]
GATEWAYS = ["https://one.example", "https://two.example", "https://three.example"]
ITEM = "0xaa/7"
REFRESH = CachePolicy(CacheMode.REFRESH)


def _asked(uri: str) -> Request:
    [request] = ask(LISTED, uri, "7", GATEWAYS).requests
    return request


def _status(page: Page) -> tuple[object, object, list[Failure]]:
    """Status, number of traits, failures of a finished NFT."""
    assert_fits(SOURCE, page.records)
    assert (page.items, page.requests) == (1, ())
    [nft] = page.records["nfts"]
    return nft[-2], nft[-1], list(page.failures)


def test_a_document_is_asked_for_by_the_untrusted_client() -> None:
    """With a cap, without the source's key, carrying the NFT that it belongs to."""
    request = _asked("https://x.example/7")
    assert request == Request(
        kind="metadata",
        url="https://x.example/7",
        trust=Trust.UNTRUSTED,
        context={"nft": LISTED},
        accept="application/json, */*;q=0.1",
        max_bytes=METADATA_BYTES,
    )


@pytest.mark.parametrize(
    ("uri", "identity"),
    [(f"ipfs://{CID}/7", f"ipfs://{CID}/7"), ("ar://" + "a" * 43, "ar://" + "a" * 43)],
)
def test_content_addresses_are_cached_for_ever_under_their_own_name(
    uri: str, identity: str
) -> None:
    """Whatever gateway delivers it, the content is the same."""
    request = _asked(uri)
    assert request.identity == identity
    assert request.cache is not None
    assert request.cache.mode is CacheMode.IMMUTABLE


def test_a_document_completes_its_nft() -> None:
    """What the list says stays; what it lacks is filled in; traits are numbered."""
    document = {
        "name": "Seven",
        "description": "told by the document",
        "image": "ipfs://x",
        "animation_url": "https://x.example/7.mp4",
        "attributes": [{"trait_type": "Hat", "value": "Cap"}, {"trait_type": "L", "value": 3}],
    }
    page = read(_asked("https://x.example/7"), answer_of(json.dumps(document).encode()))
    [nft] = page.records["nfts"]
    assert nft == (
        *("slug", "0xaa", "base", "7", "No. 7", "told by the list", None),
        *("ipfs://x", "https://x.example/7.mp4", None, None, None, None, "ok", 2),
    )
    assert page.records["traits"] == [
        ("slug", "0xaa", "7", 0, "Hat", "Cap", None, None, None),
        ("slug", "0xaa", "7", 1, "L", "3", 3.0, None, None),
    ]


INVALID = {
    b"": "empty",
    b"<html>": "markup, not JSON",
    b"not found": "not JSON",
    b"[]": "not a JSON object",
    b"null": "not a JSON object",
    b'"text"': "not a JSON object",
    b'{"attributes": [' + b"1," * 1_000 + b"1]}": "more than 1000 traits",
    b"{" + b",".join(b'"%d":1' % n for n in range(1_001)) + b"}": "more than 1000 members",
    b"[" * 5_000 + b"]" * 5_000: "nested deeper than 128 levels",
}


@pytest.mark.parametrize("body", INVALID, ids=lambda body: repr(body[:16]))
def test_an_unreadable_document_leaves_an_nft_that_says_so(body: bytes) -> None:
    """Nothing is raised: the NFT stays, and its failure is counted by reason."""
    page = read(_asked("https://x.example/7"), answer_of(body))
    assert _status(page) == ("invalid", 0, [Failure(ITEM, f"metadata invalid: {INVALID[body]}")])


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "1.json", "data:,<svg/>", "data:x"])
def test_f047_an_address_that_is_none_asks_nothing(uri: str) -> None:
    """The NFT is finished at once."""
    status, count, [failure] = _status(ask(LISTED, uri, "7", GATEWAYS))
    assert (status, count) == ("invalid", 0)
    assert failure.reason.startswith("metadata invalid: ")


def test_an_embedded_document_asks_nothing() -> None:
    """It is read where it stands."""
    page = ask(LISTED, 'data:application/json,{"attributes":{"Hat":"Cap"}}', "7", GATEWAYS)
    assert _status(page) == ("ok", 1, [])


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (RetryableError("timed out"), "unreachable", "timed out"),
        (RetryableError("server error", status=503), "unreachable", "HTTP 503"),
        (ThrottledError("slow down", status=429), "unreachable", "HTTP 429"),
        (PermanentError("gone", status=410), "unreachable", "HTTP 410"),
        (HostileError("private address"), "refused", "private address"),
        (ParseError("cut off"), "invalid", "cut off"),
        (PermanentError("x" * 500), "unreachable", "x" * 80),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_request_that_is_given_up_leaves_an_nft_that_says_so(
    error: FetchError | ParseError, status: str, reason: str
) -> None:
    """The NFT stays in its table, with the status that fits the error."""
    page = given_up(_asked("https://x.example/7"), error)
    assert _status(page) == (status, 0, [Failure(ITEM, f"metadata {status}: {reason}")])


def test_f043_gateways_are_tried_in_turn() -> None:
    """Each is asked once; after the last one the document is unreachable."""
    request = _asked(f"ipfs://{CID}/7")
    asked = [request.url]
    while (page := given_up(request, RetryableError("down"))).requests:
        [request] = page.requests
        assert request.identity == f"ipfs://{CID}/7"
        asked.append(request.url)
    assert asked == [f"{gateway}/ipfs/{CID}/7" for gateway in GATEWAYS]
    assert _status(page)[0] == "unreachable"


def test_the_gateway_of_the_address_comes_first() -> None:
    """Then the others, without the one that was asked already."""
    [following] = given_up(
        _asked(f"https://mine.example/ipfs/{CID}/7?t=1"), PermanentError("gone", status=404)
    ).requests
    assert following.url == f"https://one.example/ipfs/{CID}/7"
    [following] = given_up(
        _asked(f"https://one.example/ipfs/{CID}/7"), PermanentError("gone", status=404)
    ).requests
    assert following.url == f"https://two.example/ipfs/{CID}/7"


def test_what_a_stranger_delivers_is_not_kept_as_content() -> None:
    """The next gateway's answer is."""
    request = _asked(f"https://stranger.example/ipfs/{CID}/7")
    assert (request.identity, request.cache) == (None, None)
    [following] = given_up(request, PermanentError("gone", status=404)).requests
    assert following.identity == f"ipfs://{CID}/7"
    assert following.cache == CachePolicy(CacheMode.IMMUTABLE)


def test_a_hostile_gateway_ends_the_search() -> None:
    """An address that must never be asked again is not asked under another name."""
    page = given_up(_asked(f"ipfs://{CID}/7"), HostileError("bomb"))
    assert _status(page)[0] == "refused"


@pytest.mark.parametrize("body", [b"<html>Just a moment</html>", b"", b"\n <!doctype html>"])
def test_f043_a_gateway_that_answers_with_a_web_page_has_failed(body: bytes) -> None:
    """The next one is asked anew: the page may be kept under the content's name."""
    request = _asked(f"ipfs://{CID}/7")
    [following] = read(request, answer_of(body, "text/html")).requests
    assert following.url == f"https://two.example/ipfs/{CID}/7"
    [last] = given_up(following, RetryableError("down")).requests
    for each in (following, last):
        assert (each.identity, each.cache) == (f"ipfs://{CID}/7", REFRESH)
    assert _status(read(last, answer_of(body)))[0] == "invalid"


def test_content_that_is_no_document_is_not_asked_for_again() -> None:
    """Other gateways would deliver the same bytes."""
    page = read(_asked(f"ipfs://{CID}/7"), answer_of(b"\x89PNG\r\n"))
    assert _status(page)[0] == "invalid"


def test_f042_other_bytes_than_the_cid_names_are_refused() -> None:
    """The other gateways replace what is kept; when all of them lie, the NFT says so."""
    request = _asked(f"ipfs://{CID}")
    for _ in GATEWAYS[1:]:
        [request] = read(request, answer_of(b'{"name": "Forged"}')).requests
        assert (request.identity, request.cache) == (f"ipfs://{CID}", REFRESH)
    status, _, [failure] = _status(read(request, answer_of(b"{}")))
    assert (status, failure.reason) == (
        "refused",
        "metadata refused: not the content that the CID names",
    )


def test_f076_halves_of_surrogate_pairs_are_said_in_the_summary() -> None:
    """The document is kept, with U+FFFD in their place."""
    page = read(_asked("https://x.example/7"), answer_of(rb'{"attributes": {"a": "\ud800"}}'))
    assert page.records["traits"][0][5] == "\ufffd"
    [note] = page.notes
    assert "surrogate" in note


@pytest.mark.parametrize("place", ['"description": "%s"', '"attributes": {"a": "%s"}'])
def test_f075_a_text_over_a_million_characters_is_invalid(place: str) -> None:
    """A picture inside the document may be longer: it is not kept."""
    body = ("{" + place % ("x" * 1_000_001) + "}").encode()
    [request] = ask(NAMELESS, "https://x.example/7", "7", GATEWAYS).requests
    assert _status(read(request, answer_of(body)))[0] == "invalid"
    picture = b'{"image": "data:image/svg+xml,' + b"x" * 4_000_000 + b'"}'
    assert _status(read(_asked("https://x.example/7"), answer_of(picture)))[0] == "ok"
