"""Lists: they continue, they end, and they cannot go on for ever."""

import json
from dataclasses import replace
from typing import Any

import pytest

from adapters.sources.nft.list_pages import Walk, read_page
from adapters.sources.nft.options import NftOptions
from domain.errors import CursorLoopError, ParseError
from domain.requests import CacheMode, CachePolicy, Request

OPTIONS = NftOptions(traits="auto", gateways=("https://one.example",), limit=None)
WALK = Walk("slug", OPTIONS, [["0xaa", "base"]])


def _next(request: Request, cursor: str, found: int = 200) -> Request | None:
    """The request after a page, with the context as a checkpoint would hand it back."""
    context = json.loads(json.dumps(request.context))
    return Walk.from_context(context).following(cursor, [{"identifier": cursor}] * found)


def _continued(request: Request, cursor: str, found: int = 200) -> Request:
    following = _next(request, cursor, found)
    assert following is not None
    return following


def test_the_first_page_is_asked_for_without_a_cursor() -> None:
    """As many NFTs as the upstream gives at once; the engine may hold the request back."""
    request = WALK.request()
    assert request.url == "/api/v2/collection/slug/nfts"
    assert request.params == (("limit", "200"),)
    assert request.expands


def test_the_next_page_carries_the_cursor_as_it_came() -> None:
    """Encoding it is the client's business."""
    request = _continued(WALK.request(), "LXBrPTE=")
    assert request.params == (("limit", "200"), ("next", "LXBrPTE="))


@pytest.mark.parametrize("cursors", ["AA", "ABA", "ABCB"])
def test_f084_a_cursor_that_comes_back_is_an_error(cursors: str) -> None:
    """Also when the loop is longer than one page."""
    request = WALK.request()
    for cursor in cursors[:-1]:
        request = _continued(request, cursor)
    with pytest.raises(CursorLoopError, match=repr(cursors[-1])):
        _next(request, cursors[-1])


def test_the_context_holds_no_cursor_in_full() -> None:
    """A walk of thousands of pages stays small in a checkpoint."""
    request = _continued(_continued(WALK.request(), "A" * 5_000), "B" * 5_000)
    assert len(json.dumps(request.context)) < 500


def test_f085_a_few_empty_pages_are_bridged() -> None:
    """Three in a row are; an NFT in between starts the count again."""
    request = WALK.request()
    for number, found in enumerate([0, 0, 0, 1, 0, 0, 0]):
        request = _continued(request, str(number), found)
    with pytest.raises(ParseError, match="does not end: 4 empty pages in a row"):
        _next(request, "last", 0)


def test_f085_a_walk_has_an_end() -> None:
    """Even when each page brings a new cursor and NFTs."""
    walk = replace(WALK, walked=tuple(map(str, range(100_000))))
    with pytest.raises(ParseError, match="100001 pages"):
        walk.following("fresh", [{}] * 200)


@pytest.mark.parametrize(
    ("limit", "asked"), [(0, []), (1, [1]), (200, [200]), (201, [200, 1]), (450, [200, 200, 50])]
)
def test_a_limit_ends_the_walk(limit: int, asked: list[int]) -> None:
    """No more is asked for than the limit leaves."""
    walk = replace(WALK, options=replace(OPTIONS, limit=limit))
    request = walk.request() if walk.left else None
    sizes = []
    while request:
        sizes.append(int(request.params[0][1]))
        request = _next(request, str(len(sizes)), sizes[-1])
    assert sizes == asked


NFTS: list[object] = [{"identifier": str(number), "contract": "0xaa"} for number in range(200)]


@pytest.mark.parametrize(
    ("total", "read", "found", "again"),
    [
        (None, 0, 0, False),
        (200, 0, 200, False),
        (199, 0, 200, False),
        (201, 0, 200, True),
        (36_600, 36_400, 200, False),
        (36_636, 36_400, 200, False),
        (36_637, 36_400, 200, True),
        (1_000_000, 0, 0, True),
    ],
)
def test_f087_a_list_that_falls_short_is_read_a_second_time(
    total: int | None, read: int, found: int, again: bool
) -> None:
    """By more than one in a thousand; from its start, and past the cache."""
    walk = replace(WALK, total=total, read=read, walked=("x",) * (read // 200))
    request = walk.second_pass(NFTS[:found])
    assert (request is not None) is again
    if request is not None:
        assert (request.params, request.cache) == (
            WALK.request().params,
            CachePolicy(CacheMode.REFRESH),
        )
        second = Walk.from_context(json.loads(json.dumps(request.context)))
        assert (second.read, second.counted, second.second) == (0, read + found, True)
        assert second.second_pass([]) is None


def test_f087_neither_a_limited_nor_a_very_long_list_is_read_a_second_time() -> None:
    """It would cost more of the quota than it is worth."""
    walk = replace(WALK, total=1_000_000)
    assert walk.second_pass(NFTS) is not None
    assert replace(walk, options=replace(OPTIONS, limit=500)).second_pass(NFTS) is None
    assert replace(walk, walked=("x",) * 200).second_pass(NFTS) is None


def test_f089_a_restarted_walk_knows_what_was_read() -> None:
    """What stands where an NFT was counted does not count; a page of the same NFTs is known."""
    first = Walk.from_context(_continued(WALK.request(), "more").context)
    request = first.begun_again()
    assert request is not None
    again = Walk.from_context(json.loads(json.dumps(request.context)))

    assert request.cache == CachePolicy(CacheMode.REFRESH)
    assert [replace(again, read=read).uncounted(100) for read in (0, 150, 250)] == [100, 50, 0]
    assert again.has_seen([{"identifier": "more"}] * 200)
    assert not again.has_seen([{"identifier": "more"}] * 199)
    assert not first.has_seen([{"identifier": "more"}] * 200)
    assert again.begun_again() is None


@pytest.mark.parametrize("end", [{}, {"next": None}, {"next": ""}])
def test_no_cursor_is_the_end(end: dict[str, Any]) -> None:
    """Absent, null and empty mean the same."""
    assert read_page({"nfts": [{}], "more": 1, **end}, "slug") == ([{}], None)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"errors": ["Invalid cursor"]}, r"not a list of NFTs \('Invalid cursor'\)"),
        ({"detail": "Request was throttled."}, r"throttled"),
        ({"message": "The /v1 API has been removed"}, r"has been removed"),
        ({"nfts": {}}, r"not a list of NFTs\."),
        ({"nfts": None}, r"not a list"),
        ({"errors": [{}], "detail": 5}, r"not a list"),
        ({"errors": {"code": 1}}, r"not a list"),
        ([], r"not a list"),
        (None, r"not a list"),
        ({"nfts": [], "next": 5}, r"a cursor that is not text"),
    ],
)
def test_an_answer_that_is_no_page_is_an_error(answer: object, words: str) -> None:
    """Also with status 200; what the upstream says is repeated."""
    with pytest.raises(ParseError, match=words):
        read_page(answer, "slug")
