"""Lists that repeat, move, stop or lie: what is published, and what is said about it."""

import asyncio
import json
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.urls import absolute_url
from adapters.sources.opensea import SOURCE
from application.ingest_request import IngestRequest
from domain.errors import CursorLoopError, ParseError, PermanentError, PipelineError, RetryableError
from domain.requests import Request, Response
from domain.runs import Run, RunState
from tests.fakes.recorded_answers import answer_of
from tests.unit.application.conftest import Workshop

type Pages = Mapping[str, Response | PermanentError | RetryableError]
COLLECTION = "/api/v2/collections/things"
LIST = "/api/v2/collection/things/nfts"
TWICE = "the list held fewer items than the upstream says; it was read a second time"


def _page(ids: str, following: str | None = None) -> Response:
    nfts = [{"identifier": str(ord(each)), "contract": "0xaa"} for each in ids]
    return answer_of(json.dumps({"nfts": nfts, "next": following}).encode())


def _workshop(pages: Pages, total: int | None = None) -> Workshop:
    """A collection whose pages are named by their cursors; "" is the first."""
    collection = answer_of(
        json.dumps({"collection": "things", "unique_item_count": total}).encode()
    )

    def answers(request: Request) -> Response | PermanentError | RetryableError:
        if request.url == COLLECTION:
            return collection
        return pages[dict(request.params).get("next", "")]

    return Workshop(answers, SOURCE)


def _run(workshop: Workshop) -> Run:
    request = IngestRequest(domain="nft", target="things")
    return asyncio.run(workshop.ingest.execute(request, workshop.progress))


def _fails(workshop: Workshop, error: type[PipelineError]) -> None:
    with pytest.raises(error):
        _run(workshop)
    assert workshop.manifests.manifests == []
    assert workshop.runs.runs["RUN1"].state is RunState.FAILED


def _published(run: Run) -> tuple[int, int]:
    counts = run.tables["nft.nfts"]
    assert counts.balanced
    return counts.published, counts.deduplicated


def test_f084_a_loop_of_cursors_publishes_nothing() -> None:
    """Also one over two pages."""
    _fails(_workshop({"": _page("a", "A"), "A": _page("b", "A")}), CursorLoopError)
    loop = {"": _page("a", "A"), "A": _page("b", "B"), "B": _page("c", "A")}
    _fails(_workshop(loop), CursorLoopError)


def test_f085_empty_pages_without_end_publish_nothing() -> None:
    """The fourth in a row is the last."""
    pages = {"": _page("a", "0")} | {str(n): _page("", str(n + 1)) for n in range(99)}
    workshop = _workshop(pages)
    _fails(workshop, ParseError)
    assert workshop.fetcher.asked["/api/v2/collection/things/nfts"] <= 6


def test_f086_what_two_pages_list_is_published_once() -> None:
    """And counted."""
    run = _run(_workshop({"": _page("ab", "A"), "A": _page("bc")}))

    assert (run.state, _published(run)) == (RunState.SUCCEEDED, (3, 1))


def test_f087_rows_that_move_while_paging_are_said() -> None:
    """One was pushed to the next page and came twice; the other is missing at the second look."""
    workshop = _workshop({"": _page("ab", "A"), "A": _page("b")}, total=4)
    run = _run(workshop)

    assert (run.state, _published(run)) == (RunState.PARTIAL, (2, 1))
    assert run.notes == (TWICE, "the upstream says 4 items and listed 3")
    assert workshop.fetcher.asked[LIST] == 4


type Move = tuple[int, bool, int]
"""After how many pages, whether a row is inserted, and where."""


class MovingList:
    """A list that its rows enter and leave while it is read for the first time."""

    def __init__(self, count: int, size: int, moves: Sequence[Move]) -> None:
        self.count, self.size = count, size
        self.ids = [str(number) for number in range(count)]
        self.moves = sorted(moves)
        self.pages = 0

    def __call__(self, request: Request) -> Response:
        if request.url == COLLECTION:
            answer = {"collection": "things", "unique_item_count": self.count}
            return answer_of(json.dumps(answer).encode())
        start = int(dict(request.params).get("next", 0))
        page = self.ids[start : start + self.size]
        following = str(start + self.size) if start + self.size < len(self.ids) else None
        if self.pages and not start:
            self.moves.clear()
        self.pages += 1
        while self.moves and self.moves[0][0] <= self.pages and following:
            self._move(*self.moves.pop(0))
        nfts = [{"identifier": each, "contract": "0xaa"} for each in page]
        return answer_of(json.dumps({"nfts": nfts, "next": following}).encode())

    def _move(self, _page: int, inserted: bool, place: int) -> None:
        if inserted:
            self.ids.insert(place % (len(self.ids) + 1), f"new-{len(self.ids)}-{place}")
        elif len(self.ids) > 1:
            del self.ids[place % len(self.ids)]


def _ids(workshop: Workshop) -> set[str]:
    return {str(row[3]) for row in workshop.writer.rows["nft.nfts"]}


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(2, 60),
    size=st.integers(1, 9),
    inserted=st.booleans(),
    moves=st.lists(st.tuples(st.integers(1, 9), st.integers(0, 99)), max_size=6),
)
def test_f087_no_row_that_stays_is_missed(
    count: int, size: int, inserted: bool, moves: list[tuple[int, int]]
) -> None:
    """Rows that leave make others skip a page: what is missing is found at the second reading."""
    moving = MovingList(count, size, [(page, inserted, place) for page, place in moves])
    before = set(moving.ids)
    workshop = Workshop(moving, SOURCE)
    run = _run(workshop)

    stayed = before & set(moving.ids)
    assert stayed <= _ids(workshop)
    assert run.tables["nft.nfts"].balanced
    assert workshop.fetcher.asked[LIST] <= 2 * (count + len(moves) + 1)


def test_f088_fewer_items_than_the_total_make_the_run_partial() -> None:
    """One in a hundred may be missing without a word."""
    few = _run(_workshop({"": _page("abc")}, total=10))
    most = _run(_workshop({"": _page("".join(map(chr, range(990))))}, total=1000))

    assert (few.state, most.state) == (RunState.PARTIAL, RunState.SUCCEEDED)
    assert few.notes == (TWICE, "the upstream says 10 items and listed 3")


def test_f089_an_expired_cursor_costs_no_row() -> None:
    """The list is read again from its start; what was read already is not taken in again."""
    expired = [PermanentError("Invalid cursor", status=400)]
    whole = {"": _page("ab", "A"), "A": _page("c")}
    workshop = _workshop(whole)
    plain = workshop.fetcher.answers

    def answers(request: Request) -> Response | PermanentError | RetryableError:
        cursor = dict(request.params).get("next")
        return expired.pop() if cursor and expired else plain(request)  # type: ignore[operator,return-value]  # a callable

    workshop.fetcher.answers = answers
    run = _run(workshop)
    assert (_published(run), run.items) == ((3, 0), 3)
    assert run.state is RunState.SUCCEEDED


def test_f089_items_that_come_twice_do_not_hide_that_others_are_missing() -> None:
    """Four were listed by two walks, but two by each: the total of four is not reached."""
    expired = [PermanentError("Invalid cursor", status=400)]
    pages = [_page("ab", "A"), _page("bc"), _page("bc")]

    def answers(request: Request) -> Response | PermanentError | RetryableError:
        if request.url == COLLECTION:
            return answer_of(b'{"collection": "things", "unique_item_count": 4}')
        return expired.pop() if dict(request.params).get("next") else pages.pop(0)

    run = _run(Workshop(answers, SOURCE))
    assert (run.state, run.items, _published(run)) == (RunState.PARTIAL, 2, (3, 1))
    assert run.notes[-1] == "the upstream says 4 items and listed 2"


def test_f090_a_page_that_fails_for_ever_leaves_the_old_version() -> None:
    """Nothing of the pages before it is published."""
    pages: Pages = {"": _page("ab", "A"), "A": RetryableError("down", status=503)}
    _fails(_workshop(pages), RetryableError)


def test_f091_the_upstream_may_choose_the_size_of_its_pages() -> None:
    """Larger and smaller ones than were asked for."""
    many = "".join(map(chr, range(1000, 1450)))
    run = _run(_workshop({"": _page(many, "A"), "A": _page("a", "B"), "B": _page("bc")}))

    assert _published(run) == (453, 0)


@pytest.mark.parametrize(
    "link", ["https://evil.test/next", "//evil.test/next", "/\\evil.test", "@evil.test/"]
)
def test_f092_no_link_of_a_source_leads_to_another_host(link: str) -> None:
    """Whatever an upstream names as its next page is asked of its own origin."""
    url = absolute_url("https://api.test", Request(kind="page", url=link))

    assert url.startswith("https://api.test/")
