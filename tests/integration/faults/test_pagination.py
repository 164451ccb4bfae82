"""Lists that repeat, move, stop or lie: what is published, and what is said about it."""

import asyncio
import json
from collections.abc import Mapping

import pytest

from adapters.http.urls import absolute_url
from adapters.sources.opensea import SOURCE
from application.ingest_target import IngestRequest
from domain.errors import CursorLoopError, ParseError, PermanentError, PipelineError, RetryableError
from domain.requests import Request, Response
from domain.runs import Run, RunState
from tests.fakes.recorded_answers import answer_of
from tests.unit.application.conftest import Workshop

type Pages = Mapping[str, Response | PermanentError | RetryableError]
COLLECTION = "/api/v2/collections/things"


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
    """One was pushed to the next page and came twice, another was missed."""
    run = _run(_workshop({"": _page("ab", "A"), "A": _page("b")}, total=4))

    assert (run.state, _published(run)) == (RunState.PARTIAL, (2, 1))
    assert run.notes == ("the upstream says 4 items and listed 3",)


def test_f088_fewer_items_than_the_total_make_the_run_partial() -> None:
    """One in a hundred may be missing without a word."""
    few = _run(_workshop({"": _page("abc")}, total=10))
    most = _run(_workshop({"": _page("".join(map(chr, range(990))))}, total=1000))

    assert (few.state, most.state) == (RunState.PARTIAL, RunState.SUCCEEDED)
    assert few.notes == ("the upstream says 10 items and listed 3",)


def test_f089_an_expired_cursor_costs_no_row() -> None:
    """The list is read again from its start, and what came twice is there once."""
    expired = [PermanentError("Invalid cursor", status=400)]
    whole = {"": _page("ab", "A"), "A": _page("c")}
    workshop = _workshop(whole)
    plain = workshop.fetcher._answers

    def answers(request: Request) -> Response | PermanentError | RetryableError:
        cursor = dict(request.params).get("next")
        return expired.pop() if cursor and expired else plain(request)  # type: ignore[operator,return-value]  # a callable

    workshop.fetcher._answers = answers
    run = _run(workshop)
    assert _published(run) == (3, 2)
    assert run.state is RunState.SUCCEEDED


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
