"""A page that is the same as before is not read again, unless something behind it has changed."""

import asyncio
import json
from dataclasses import replace
from math import inf
from typing import Any

from application.page_gatherer import PageGatherer
from domain.requests import Request, Response
from domain.runs import Run, RunState
from domain.sources import Failure, Page, Source
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_page_results import FakePageResults
from tests.fakes.sample_source import SAMPLE, answer, sample_answers
from tests.unit.application.conftest import Workshop

COUNT = 10  # of which four make a page
DAY = 86_400.0


def _workshop(source: Source = SAMPLE, until: float = inf) -> Workshop:
    workshop = Workshop(source=source)
    workshop.fetcher.page_results = FakePageResults(workshop.clock)
    workshop.fetcher.answers = _kept(sample_answers(COUNT), until)
    return workshop


def _kept(answers: dict[str, Response], until: float = inf) -> dict[str, Response]:
    """Details may be used again until then; pages have to be asked for."""
    return {
        url: replace(each, reusable_until=until) if "/item/" in url else each
        for url, each in answers.items()
    }


def _results(workshop: Workshop) -> FakePageResults:
    assert isinstance(workshop.fetcher.page_results, FakePageResults)
    return workshop.fetcher.page_results


def _again(workshop: Workshop, **options: Any) -> tuple[Run, int]:
    """Another run, and how many details it asked for."""
    workshop.fetcher.asked.clear()
    run = asyncio.run(workshop.run(**options))
    details = sum(count for url, count in workshop.fetcher.asked.items() if "/item/" in url)
    return run, details


def _rows(workshop: Workshop) -> dict[str, list[Any]]:
    return dict(workshop.writer.rows)


def test_a_second_run_asks_for_pages_alone() -> None:
    """And has the same rows, counts and times as the first."""
    workshop = _workshop()
    first, _ = _again(workshop)
    before = _rows(workshop)
    second, details = _again(workshop)

    assert details == 0
    assert len(_results(workshop).recalled) == 3
    assert second.tables == first.tables
    assert (second.items, second.total_items, second.pages, second.tallies) == (
        first.items,
        first.total_items,
        first.pages,
        first.tallies,
    )
    assert second.state is RunState.SUCCEEDED
    assert _rows(workshop) == before


def test_only_the_page_that_changed_is_read_again() -> None:
    """All others are carried over."""
    workshop = _workshop()
    _again(workshop)
    page = json.loads(workshop.fetcher.answers["/things/1"].body)  # type: ignore[index,union-attr]
    page["items"][0]["name"] = "renamed"
    workshop.fetcher.answers = {**workshop.fetcher.answers, "/things/1": answer(page)}  # type: ignore[dict-item]
    _, details = _again(workshop)

    assert details == 4
    assert "renamed" in {row[1] for row in _rows(workshop)["test.items"]}


def test_what_may_not_be_used_again_is_asked_for_again() -> None:
    """It alone: all else of its page is carried over."""
    workshop = _workshop()
    answers: Any = workshop.fetcher.answers
    url = "/things/item/00005"
    answers[url] = replace(answers[url], reusable_until=0.0)
    first, _ = _again(workshop)
    answers[url] = replace(answer({"colors": ["new"]}), reusable_until=inf)

    for _ in range(2):
        second, details = _again(workshop)
        assert details == workshop.fetcher.asked[url] == 1
        assert second.items == first.items
        assert ("00005", 0, "new") in _rows(workshop)["test.details"]


def test_a_page_with_little_that_stands_is_read_again() -> None:
    """It would spare next to nothing."""
    workshop = _workshop()
    answers: Any = workshop.fetcher.answers
    for number in (5, 6):
        url = f"/things/item/{number:05}"
        answers[url] = replace(answers[url], reusable_until=0.0)
    _again(workshop)

    assert _again(workshop)[1] == 4


def test_the_first_answer_that_expires_ends_it() -> None:
    """Then all are asked for, as without it."""
    workshop = _workshop(until=Workshop().clock.timestamp() + DAY)
    _again(workshop)
    assert _again(workshop)[1] == 0
    workshop.clock.advance(DAY)

    assert _again(workshop)[1] == COUNT


def test_an_answer_that_says_too_little_is_carried_over_as_it_is() -> None:
    """The same bytes fail alike: the failure counts in each run."""

    def parse(request: Request, response: Response) -> Page:
        page = SAMPLE.parse(request, response)
        odd = request.url.endswith("00005")
        return replace(page, failures=[Failure("00005", "odd")]) if odd else page

    workshop = _workshop(replace(SAMPLE, parse=parse))
    first, _ = _again(workshop)
    second, details = _again(workshop)

    assert details == 0
    assert second.failures == first.failures == {"odd": 1}


def test_what_is_deferred_is_asked_for_again() -> None:
    """It belongs to the run."""

    def parse(request: Request, response: Response) -> Page:
        odd = request.url.endswith("00005")
        return Page(deferred=[{}]) if odd else SAMPLE.parse(request, response)

    def gather(items: Any, before: int) -> Page:
        return Page(records={"items": [("00005", "put off", "ok")]}, items=1)

    workshop = _workshop(replace(SAMPLE, parse=parse, gather=gather))
    first, _ = _again(workshop)
    second, details = _again(workshop)

    assert details == 1
    assert (second.items, second.tables) == (first.items, first.tables)


def test_an_answer_that_fails_is_asked_for_again() -> None:
    """Alone, and when it has healed its rows are as good as any."""
    workshop = _workshop()
    answers: Any = workshop.fetcher.answers
    good = answers.pop("/things/item/00005")
    first, _ = _again(workshop)
    assert sum(first.failures.values()) == 1
    answers["/things/item/00005"] = good
    second, details = _again(workshop)

    assert details == 1
    assert (second.items, second.failures) == (COUNT, {})
    assert ("00005", "Thing 00005", "ok") in _rows(workshop)["test.items"]


def test_another_version_of_the_program_reads_all_pages_anew() -> None:
    """It may read them otherwise."""
    workshop = _workshop()
    _again(workshop)
    workshop.program = "2.0"

    assert _again(workshop)[1] == COUNT


def test_another_parameter_reads_all_pages_anew() -> None:
    """So may it."""
    workshop = _workshop()
    _again(workshop)

    assert _again(workshop, options={"flavour": "sweet"})[1] == COUNT


def test_pages_that_lead_to_much_are_not_held() -> None:
    """Memory stays bounded, whatever an upstream sends."""
    workshop = _workshop()
    answers: Any = workshop.fetcher.answers
    for number in (4, 5, 6):
        url = f"/things/item/{number:05}"
        answers[url] = replace(answers[url], body=answers[url].body + b" " * 2_000_000)
    _again(workshop)

    assert len(_results(workshop).pages) == 2
    assert _again(workshop)[1] == 4


def test_what_differs_each_time_does_not_matter() -> None:
    """As long as the source reads the same out of it: an upstream may stamp its answers."""
    workshop = _workshop()
    _again(workshop)
    answers: Any = workshop.fetcher.answers
    page = json.loads(answers["/things/1"].body)
    answers["/things/1"] = answer({**page, "updated_at": "now"})

    assert _again(workshop)[1] == 0


def test_a_run_that_was_stopped_keeps_what_was_whole() -> None:
    """The pages that were under way are read again; nothing is doubled."""
    workshop = _workshop()

    async def stopped() -> None:
        workshop.fetcher.hang_at = "/things/item/00006"
        task = asyncio.ensure_future(workshop.run())
        await workshop.fetcher.hanging.wait()
        task.cancel()
        await asyncio.wait([task])

    asyncio.run(stopped())
    workshop.fetcher.hang_at = None
    resumed, _ = _again(workshop)
    assert (resumed.items, resumed.attempts) == (COUNT, 2)
    third, details = _again(workshop, resume=False)

    assert third.tables == resumed.tables
    assert 0 < details < COUNT


def test_the_same_request_twice_on_a_page_is_no_harm() -> None:
    """It is asked twice, as ever, and its page is read again."""

    def parse(request: Request, response: Response) -> Page:
        page = SAMPLE.parse(request, response)
        doubled = [*page.requests[:1], *page.requests] if request.expands else page.requests
        return replace(page, requests=doubled)

    workshop = _workshop(replace(SAMPLE, parse=parse))
    first, _ = _again(workshop)
    second, _ = _again(workshop)

    assert first.tables == second.tables
    assert first.tables["test.items"].deduplicated == 3


def test_no_more_than_some_pages_are_gathered_at_once() -> None:
    """Where answers keep coming late, the first page is let go, and the others become whole."""
    clock = FakeClock()
    gatherer = PageGatherer(FakePageResults(clock), "1", clock)
    pages = [Request(kind="page", url=f"/{number}", expands=True) for number in range(17)]
    items = [Request(kind="item", url=f"/item/{number}") for number in range(17)]
    good = replace(answer({}), reusable_until=inf)

    async def begun() -> None:
        for page, item in zip(pages, items, strict=True):
            assert await gatherer.recall(page, [item]) is None

    asyncio.run(begun())
    whole = [gatherer.read(item, good, Page(items=1)) for item in items]

    assert whole[0] is None
    assert [each.address for each in whole if each] == [page.url for page in pages[1:]]


def test_answers_that_expire_before_the_last_one_comes() -> None:
    """One that led to nothing is asked again; one that led on would lead to the same twice."""
    lasting = replace(answer({}), reusable_until=inf)
    items = [Request(kind="item", url=f"/item/{number}") for number in range(4)]
    further = Request(kind="item", url="/further")

    async def gathered(first: Page) -> list[str] | None:
        clock = FakeClock()
        soon = replace(answer({}), reusable_until=clock.timestamp() + 10)
        gatherer = PageGatherer(FakePageResults(clock), "1", clock)
        assert await gatherer.recall(Request(kind="page", url="/p", expands=True), items) is None
        assert gatherer.read(items[0], soon, first) is None
        whole = [gatherer.read(each, lasting, Page(items=1)) for each in items[1:3]]
        if first.requests:
            whole.append(gatherer.read(further, lasting, Page(items=1)))
        assert whole == [None] * len(whole)
        clock.advance(11)
        last = gatherer.read(items[3], lasting, Page(items=1))
        return None if last is None else [each.url for each in last.result.again]

    assert asyncio.run(gathered(Page(items=1))) == ["/item/0"]
    assert asyncio.run(gathered(Page(requests=[further]))) is None
