"""Items that pages defer are handed back together, once each, also over a stop."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain.errors import FetchError, ParseError, PermanentError
from domain.requests import Request, Response
from domain.runs import RowCounts, RunState
from domain.sources import Page, Source
from tests.fakes.sample_source import SAMPLE, sample_answers
from tests.unit.application.conftest import Workshop

COUNT = 25
SIZE = 10


def _missing(number: int) -> bool:
    return number % 2 == 0


class Together:
    """The sample source, which asks for items without details ten at a time."""

    def __init__(self) -> None:
        self.gathered: list[tuple[int, int]] = []

    @property
    def source(self) -> Source:
        return replace(
            SAMPLE, failed=self.failed, gather=self.gather, gather_size=SIZE, parse=self.parse
        )

    def parse(self, request: Request, response: Response) -> Page:
        return replace(SAMPLE.parse(request, response), tallies={request.kind: 1})

    def failed(self, request: Request, error: FetchError | ParseError) -> Page:
        return Page(deferred=[dict(request.context)])

    def gather(self, items: Sequence[Any], before: int) -> Page:
        self.gathered.append((before, len(items)))
        records = [(item["id"], item["name"], "unreachable") for item in items]
        return Page(records={"items": records}, items=len(items), tallies={"gathered": len(items)})


def _workshop(together: Together) -> Workshop:
    answers: Any = dict(sample_answers(COUNT))
    for number in filter(_missing, range(COUNT)):
        url = f"/things/item/{number:05}"
        answers[url] = PermanentError("gone", url=url, status=404)
    return Workshop(answers, source=together.source)


def test_deferred_items_come_back_together() -> None:
    """Ten at a time, and at the end those that are left; tallies add up."""
    together = Together()
    workshop = _workshop(together)
    run = asyncio.run(workshop.run())

    assert together.gathered == [(0, 10), (10, 3)]
    assert (run.state, run.items) == (RunState.SUCCEEDED, COUNT)
    assert run.tables["test.items"] == RowCounts(COUNT, COUNT)
    assert run.tallies == {"page": 7, "detail": 12, "gathered": 13}


def test_what_is_deferred_survives_a_stop() -> None:
    """It waits in the checkpoint, with how many were gathered before."""
    together = Together()
    workshop = _workshop(together)
    held = "/things/item/00021"

    async def story() -> Any:
        workshop.fetcher.hang_at = held
        task = asyncio.ensure_future(workshop.run())
        await workshop.fetcher.hanging.wait()
        for _ in range(100):  # what can go on without the item goes on
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        workshop.fetcher.hang_at = None
        return await workshop.run()

    run = asyncio.run(story())
    assert run.attempts == 2
    assert sum(size for _, size in together.gathered) == 13
    assert [before for before, _ in together.gathered] == [0, 10]
    assert run.tables["test.items"] == RowCounts(COUNT, COUNT)
    assert run.tallies == {"page": 7, "detail": 12, "gathered": 13}
