"""What everything that keeps page results keeps to."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf

import pytest

from application.ports.page_results import PageResults
from domain.page_results import AnswerRows, PageResult, WholePage
from domain.record_block import RecordBlock
from domain.requests import CacheMode, CachePolicy, Request, Trust
from domain.sources import Failure
from tests.fakes.fake_clock import FakeClock

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
LATER = AT + timedelta(seconds=1.5)
RESULT = PageResult(
    rows={
        "items": [AnswerRows(AT, [("1", "one", None)]), AnswerRows(LATER, [("2", "é", "ok")])],
        "details": [AnswerRows(LATER, [("2", 0, "red"), ("2", 2**62, None)])],
    },
    again=[
        Request(
            kind="detail",
            url="/things/item/3",
            params=(("limit", "4"), ("next", "a=b")),
            context={"left": None, "walked": ["x"], "deep": {"a": [1, 2.5, True]}},
            cache=CachePolicy(CacheMode.REFRESH),
        )
    ],
    failures=[Failure("2", "odd")],
    items=2,
    notes=("noted",),
    tallies={"counted": 2},
)
REQUEST = Request(kind="detail", url="/item", params=(("next", "a"),), context={"read": 200})
ASKED = [
    Request(kind="detail", url="/things/item/1"),
    Request(kind="detail", url="/things/item/2"),
    Request(kind="far", url="https://far.test:8443/3", trust=Trust.UNTRUSTED),
]


def whole_page(key: str = "k", until: float = inf) -> WholePage:
    """A page that keeps so long."""
    return WholePage(
        key=key,
        address="/things/1",
        result=RESULT,
        asked=ASKED,
        received_at=AT,
        reusable_until=until,
    )


class PageResultsContract:
    """The fixtures `results` and `clock` belong together."""

    def test_what_was_kept_is_recalled(self, results: PageResults) -> None:
        """Rows, times and requests as they were; under another key there is nothing."""

        async def kept() -> tuple[PageResult | None, PageResult | None]:
            await results.keep(whole_page())
            return await results.recall("k"), await results.recall("other")

        found, other = asyncio.run(kept())
        assert other is None
        assert found is not None
        assert found.rows == RESULT.rows
        assert list(found.again) == RESULT.again
        assert (found.items, found.tallies) == (2, {"counted": 2})
        assert list(found.notes) == ["noted"]
        assert list(found.failures) == RESULT.failures

    def test_records_that_came_by_column_are_recalled(self, results: PageResults) -> None:
        """As the records that they are."""
        block = RecordBlock(("2",), [[0, 1], ["red", None]])
        rows = {"items": [], "details": [AnswerRows(AT, block)]}

        async def kept() -> PageResult | None:
            await results.keep(replace(whole_page(), result=PageResult(rows)))
            return await results.recall("k")

        found = asyncio.run(kept())
        assert found is not None
        assert found.rows["details"] == [AnswerRows(AT, [("2", 0, "red"), ("2", 1, None)])]

    @pytest.mark.parametrize(
        "other",
        [
            replace(REQUEST, url="/other"),
            replace(REQUEST, kind="list"),
            replace(REQUEST, params=(("next", "b"),)),
            replace(REQUEST, context={"read": 400}),
            replace(REQUEST, method="POST", content=b"x"),
            replace(REQUEST, headers=(("range", "bytes=0-1"),)),
            replace(REQUEST, host="mirror"),
            replace(REQUEST, identity="ipfs:x"),
            replace(REQUEST, trust=Trust.UNTRUSTED),
        ],
    )
    def test_other_requests_make_another_page(self, results: PageResults, other: Request) -> None:
        """Whatever they differ in; so do their order and number, and the way of reading."""
        key = results.key([REQUEST, REQUEST], "1.0")

        assert results.key([replace(REQUEST), replace(REQUEST)], "1.0") == key
        keys = {
            results.key([REQUEST, other], "1.0"),
            results.key([other, REQUEST], "1.0"),
            results.key([REQUEST], "1.0"),
            results.key([REQUEST, REQUEST], "1.1"),
            key,
        }
        assert len(keys) == 5

    def test_a_later_result_takes_the_place_of_an_earlier_one(self, results: PageResults) -> None:
        """Of the same page."""

        async def kept() -> PageResult | None:
            await results.keep(whole_page())
            later = replace(whole_page(), result=PageResult({"items": [], "details": []}, items=9))
            await results.keep(later)
            return await results.recall("k")

        found = asyncio.run(kept())
        assert found is not None
        assert found.items == 9

    def test_nothing_is_recalled_when_an_answer_would_be_asked_for_again(
        self, results: PageResults, clock: FakeClock
    ) -> None:
        """The first of them decides."""

        async def kept() -> list[bool]:
            await results.keep(whole_page(until=clock.timestamp() + 60))
            found = []
            for _ in range(2):
                found.append(await results.recall("k") is not None)
                clock.advance(60)
            return found

        assert asyncio.run(kept()) == [True, False]
