"""The OpenSea source from its first request to its last answer."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.sources.opensea import SOURCE
from domain.errors import (
    FetchError,
    NotFoundError,
    ParseError,
    PermanentError,
    RefusedError,
    RetryableError,
    UsageError,
)
from domain.expectations import RecordChecker
from domain.requests import Request
from domain.sources import Page, Window
from tests.contracts.record_shape import assert_fits
from tests.fakes.recorded_answers import answer_of, recorded

PAGES = [f"opensea/nfts_page_{number}.json" for number in range(1, 6)]


def _collection_request(options: dict[str, str] | None = None, slug: str = "slug") -> Request:
    [request] = SOURCE.start(slug, Window(), options or {})
    return request


def _first_page(
    contracts: list[dict[str, str]] | None = None, options: dict[str, str] | None = None
) -> Request:
    body = json.dumps({"collection": "slug", "contracts": contracts or []}).encode()
    [request] = SOURCE.parse(_collection_request(options), answer_of(body)).requests
    return request


def _listed(*nfts: Any, options: dict[str, str] | None = None, **page: Any) -> Page:
    """A list answer, read."""
    body = json.dumps({"nfts": nfts, **page}).encode()
    found = SOURCE.parse(_first_page(options=options), answer_of(body))
    assert_fits(SOURCE, found.records)
    return found


def _nft(**members: Any) -> dict[str, Any]:
    return {"identifier": "1", "collection": "slug", "contract": "0xaa", **members}


def test_a_run_starts_with_the_collection() -> None:
    """One request, by slug."""
    request = _collection_request(slug="dxterminal")
    assert (request.kind, request.url) == ("collection", "/api/v2/collections/dxterminal")


def test_a_time_span_makes_no_sense() -> None:
    """A collection has no history to choose from."""
    with pytest.raises(UsageError, match="--since"):
        SOURCE.start("slug", Window(since=datetime(2026, 1, 1, tzinfo=UTC)), {})


@pytest.mark.parametrize("target", ["../x", "a'b", "a\0b", "ä", "", "a" * 129, "a/b"])
def test_a_target_is_a_slug(target: str) -> None:
    """Nothing else gets into a path."""
    with pytest.raises(UsageError, match="collection slug"):
        SOURCE.check_target(target)


def test_the_collection_leads_to_its_list() -> None:
    """The row, the number of NFTs and the request for the first page."""
    page = SOURCE.parse(_collection_request(), recorded("opensea/collection_gnars-v2.json"))
    assert page.total == 4117
    assert [row[0] for row in page.records["collections"]] == ["gnars-v2"]
    assert [request.url for request in page.requests] == ["/api/v2/collection/slug/nfts"]


def test_a_recorded_walk_finds_every_nft_once() -> None:
    """Five pages, 210 NFTs of many contracts, each finished or asked for."""
    request: Request | None = _first_page()
    found: list[tuple[object, ...]] = []
    for name in PAGES:
        assert request is not None
        page = SOURCE.parse(request, recorded(name))
        assert_fits(SOURCE, page.records)
        assert page.items == len(page.records["nfts"])
        found += [row[:4] for row in page.records["nfts"]]
        request = None
        for each in page.requests:
            if each.kind == "metadata":
                found.append(tuple(each.context["nft"][:4]))
            else:
                request = each
    assert request is None
    assert len(found) == len(set(found)) == 210
    assert {row[2] for row in found} == {"ethereum"}


def test_an_nft_without_an_address_is_finished() -> None:
    """Its status says that there is no document."""
    page = _listed(_nft(metadata_url=None), _nft(identifier="2"), _nft(metadata_url=""))
    assert [row[-2] for row in page.records["nfts"]] == ["none", "none", "none"]
    assert (page.items, page.requests) == (3, [])


def test_traits_in_the_list_spare_the_document() -> None:
    """Only where there are any: null and [] mean that the list has none."""
    url = "https://x.example/1"
    filled = _listed(_nft(metadata_url=url, traits=[{"trait_type": "Hat", "value": "Cap"}]))
    assert filled.requests == []
    assert [row[-2:] for row in filled.records["nfts"]] == [("ok", 1)]
    assert filled.records["traits"] == [("slug", "0xaa", "1", 0, "Hat", "Cap", None, None, None)]
    nothing: tuple[object, ...] = (None, [], {})
    for empty in nothing:
        assert len(_listed(_nft(metadata_url=url, traits=empty)).requests) == 1


def test_a_flood_of_traits_in_the_list_is_a_failure() -> None:
    """The NFT stays, without its traits."""
    page = _listed(_nft(traits=["x"] * 1001))
    assert [row[-2:] for row in page.records["nfts"]] == [("invalid", 0)]
    assert [failure.reason for failure in page.failures] == [
        "metadata invalid: more than 1000 traits"
    ]


def test_documents_can_be_skipped() -> None:
    """With `metadata=skip` nothing is asked; what the list embeds is still read."""
    page = _listed(
        _nft(metadata_url="https://x.example/1"),
        _nft(identifier="2", metadata_url='data:,{"attributes":{"Hat":"Cap"}}'),
        _nft(identifier="3", metadata_url=None),
        options={"metadata": "skip"},
    )
    assert page.requests == []
    assert [row[-2] for row in page.records["nfts"]] == [None, "ok", "none"]


def test_a_limit_cuts_a_page_that_is_too_long() -> None:
    """Upstreams may send more than they were asked for."""
    page = _listed(_nft(), _nft(identifier="2"), next="more", options={"limit": "1"})
    assert [row[3] for row in page.records["nfts"]] == ["1"]
    assert page.requests == []


def test_f080_unknown_members_and_odd_types_cost_a_value_at_most() -> None:
    """The schema of the upstream grows, and its types change."""
    odd = {name: {"a": [1]} for name in ("name", "image_url", "is_nsfw", "token_standard", "new")}
    page = _listed(_nft(**odd, opensea_url=5, description=12.50, collection=None))
    [row] = page.records["nfts"]
    assert row[:6] == ("slug", "0xaa", None, "1", None, "12.5")


@pytest.mark.parametrize("nft", [None, 5, "x", [], {}, {"contract": "0xaa"}, {"identifier": "1"}])
def test_f081_what_is_no_nft_ends_in_quarantine(nft: object) -> None:
    """It becomes a record that the checks refuse with a reason, so that it is counted."""
    page = _listed(nft, _nft())
    checker = RecordChecker(SOURCE.table("nfts"), SOURCE.expectations)
    checked = checker.check(page.records["nfts"])
    assert [row[3] for row in checked.good] == ["1"]
    assert [bad.rule for bad in checked.quarantined] == ["not_null"]


def test_f071_f080_ids_are_text_however_they_are_sent() -> None:
    """A number beyond 64 bits keeps its digits."""
    page = _listed(_nft(identifier=10**76))
    assert page.records["nfts"][0][3] == "1" + "0" * 76


def test_contracts_on_several_chains_do_not_collide() -> None:
    """The same address and id on two chains are two NFTs, with traits of their own."""
    contracts = [{"address": "0xaa", "chain": "base"}, {"address": "0xAA", "chain": "ethereum"}]
    nfts = [
        _nft(
            opensea_url=f"https://opensea.io/item/{chain}/0xaa/1",
            traits=[{"trait_type": "Chain", "value": chain}],
        )
        for chain in ("base", "ethereum")
    ]
    page = SOURCE.parse(_first_page(contracts), answer_of(json.dumps({"nfts": nfts}).encode()))
    assert [row[1:4] for row in page.records["nfts"]] == [
        ("base:0xaa", "base", "1"),
        ("ethereum:0xaa", "ethereum", "1"),
    ]
    assert len({row[:4] for row in page.records["traits"]}) == 2


def test_f084_a_cursor_that_repeats_ends_the_run() -> None:
    """The page that names itself as the next one is an error."""
    [first] = [each for each in _listed(next="again").requests if each.kind == "page"]
    with pytest.raises(ParseError, match="would never end"):
        SOURCE.parse(first, answer_of(b'{"nfts": [], "next": "again"}'))


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"nfts": [', b'{"errors": ["busy"]}', b"[]"])
def test_lists_and_collections_that_cannot_be_read_are_errors(body: bytes) -> None:
    """They would cost more than one NFT."""
    for request in (_collection_request(), _first_page()):
        with pytest.raises(ParseError, match="The answer for slug"):
            SOURCE.parse(request, answer_of(body))


@pytest.mark.parametrize("status", [400, 404])
def test_an_unknown_collection_is_not_found(status: int) -> None:
    """The message says what a slug is, and which ones OpenSea's search has that look alike."""
    page = SOURCE.failed(_collection_request(), PermanentError("no", status=status))
    (search,) = page.requests
    assert (search.url, dict(search.params)["query"]) == ("/api/v2/search", "slug")
    with pytest.raises(NotFoundError, match=r"No collection named 'slug'\. A slug.*last part"):
        SOURCE.failed(search, PermanentError("no", status=500))
    found = [{"type": "collection", "collection": {"collection": "slugs"}}, {"token": {}}, 7]
    with pytest.raises(NotFoundError, match=r"'slug'\. Did you mean slugs\?"):
        SOURCE.parse(search, answer_of(json.dumps({"results": found}).encode()))


@pytest.mark.parametrize(
    "error",
    [
        RetryableError("down", status=503),
        PermanentError("odd", status=405),
        RefusedError("no", status=401),
        ParseError("cut off"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_run_goes_on_without_its_list(error: FetchError | ParseError) -> None:
    """What fails is raised as it came, for the collection and for each page."""
    for request in (_collection_request(), _first_page()):
        with pytest.raises(type(error)) as caught:
            SOURCE.failed(request, error)
        assert caught.value is error


def test_a_page_that_is_not_found_is_no_unknown_collection() -> None:
    """The collection was there a moment ago."""
    with pytest.raises(PermanentError):
        SOURCE.failed(_first_page(), PermanentError("no", status=404))


def test_f075_a_text_over_a_million_characters_costs_its_nft_alone() -> None:
    """The NFT stays, without the text, and the others are complete."""
    page = _listed(_nft(name="x" * 1_000_001), _nft(identifier="2", metadata_url=None))
    first, _ = page.records["nfts"]
    assert (first[3], first[4], first[-2]) == ("1", None, "invalid")
    assert len(page.failures) == 1


@pytest.mark.parametrize("status", [400, 410])
def test_f089_a_cursor_that_expires_begins_the_list_again_once(status: int) -> None:
    """The second time the error stands."""
    [second] = [each for each in _listed(next="more").requests if each.kind == "page"]
    page = SOURCE.failed(second, PermanentError("Invalid cursor", status=status))
    [again] = page.requests
    assert ("next", "more") not in again.params
    assert len(page.notes) == 1

    answer = answer_of(b'{"nfts": [], "next": "more"}')
    [expired] = SOURCE.parse(again, answer).requests
    with pytest.raises(PermanentError):
        SOURCE.failed(expired, PermanentError("Invalid cursor", status=status))


def _short_list(*nfts: dict[str, Any]) -> tuple[Page, Request]:
    """A list of one page and a total of ten; what it says, and the request to read it again."""
    collection = answer_of(b'{"collection": "slug", "unique_item_count": 10}')
    [request] = SOURCE.parse(_collection_request(), collection).requests
    page = SOURCE.parse(request, answer_of(json.dumps({"nfts": nfts}).encode()))
    return page, page.requests[-1]


def test_f087_what_is_listed_again_costs_no_document() -> None:
    """A total that is simply wrong leads to one more reading of the list and nothing else."""
    nfts = [_nft(metadata_url="https://x.example/1"), _nft(identifier="2")]
    first, request = _short_list(*nfts)
    again = SOURCE.parse(request, answer_of(json.dumps({"nfts": nfts}).encode()))

    assert (len(first.requests), first.items, len(first.notes)) == (2, 1, 1)
    assert (again.requests, again.items, again.records["nfts"]) == ([], 0, [])


def test_f087_what_the_second_reading_adds_counts_beyond_the_first() -> None:
    """Three where there were two are one more, with one failure at most for each place."""
    _, request = _short_list(_nft(identifier="2"), _nft(identifier="3"))
    nfts = [
        _nft(metadata_url="https://x.example/1"),
        _nft(identifier="2", metadata_url="javascript:"),
        _nft(identifier="3", metadata_url="javascript:"),
    ]
    page = SOURCE.parse(request, answer_of(json.dumps({"nfts": nfts}).encode()))
    [document] = page.requests
    gone = PermanentError("gone", status=404)
    answered = SOURCE.parse(document, answer_of(b"{}"))
    failed = SOURCE.failed(document, gone)

    assert (page.items, len(page.failures), len(page.records["nfts"])) == (1, 1, 2)
    assert [each.items for each in (answered, failed)] == [0, 0]
    assert failed.failures == ()
    assert [row[-2] for row in failed.records["nfts"]] == ["unreachable"]


@pytest.mark.parametrize("error", [RetryableError("down", status=503), ParseError("cut off")])
def test_f087_a_second_reading_that_fails_costs_nothing(error: FetchError | ParseError) -> None:
    """What the first one found stays, and the summary says so; a refused key ends the run."""
    _, request = _short_list(_nft())
    assert len(SOURCE.failed(request, error).notes) == 1
    with pytest.raises(RefusedError):
        SOURCE.failed(request, RefusedError("no", status=401))
