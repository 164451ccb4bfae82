"""Gathers all that a page led to, so that the next run need not read it again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from application.ports.clock import Clock
from application.ports.page_results import PageResults
from domain.page_results import AnswerRows, PageResult, WholePage
from domain.requests import Request, Response
from domain.sources import Page

_MOST_BYTES = 4_000_000  # of answers behind a page
_MOST_PAGES = 16  # gathered at once
_MOST_AGAIN = 0.5  # for each answer of a page that is kept


class _Answer(NamedTuple):
    """What is kept of an answer: its body would wait, for nothing, until the page is whole."""

    request: Request
    fetched_at: datetime
    reusable_until: float
    page: Page

    def stands(self, now: float) -> bool:
        """It would not be asked for again, and says nothing that each run has to be told anew."""
        page = self.page
        return self.reusable_until > now and not (
            page.deferred
            or page.quarantined
            or page.complete_until is not None
            or page.total is not None
        )


@dataclass(slots=True, eq=False)
class _Gathered:
    """A page whose answers come one by one.

    Attributes:
        waiting: answers that have not come.
        bytes: of the bodies of those that have.
        answers: whether a later run would ask for them again is judged when all have come, and
            at once for those that lead on.
        again: requests that a later run has to ask again.
    """

    key: str
    address: str
    waiting: int = 0
    bytes: int = 0
    answers: list[_Answer] = field(default_factory=list)
    again: list[Request] = field(default_factory=list)

    def whole(self, now: float) -> WholePage | None:
        """With all its answers; None where that would spare little.

        Args:
            now: epoch seconds, to tell what would be asked for again.
        """
        stand = [each for each in self.answers if each.stands(now)]
        if len(stand) < len(self.answers):
            lapsed = [each for each in self.answers if not each.stands(now)]
            if any(each.page.requests for each in lapsed):
                return None  # asked again, they would lead to what is here already
            self.again += [each.request for each in lapsed]
        if not stand or len(self.again) > len(stand) * _MOST_AGAIN:
            return None
        return WholePage(
            key=self.key,
            address=self.address,
            result=_joined(stand, self.again),
            asked=[each.request for each in stand],
            received_at=min([each.fetched_at for each in stand]),
            reusable_until=min([each.reusable_until for each in stand]),
        )


class PageGatherer:
    """Knows the pages of a walk whose answers are still to come.

    An answer that the cache would ask for again, that failed, or that left something behind that
    belongs to the run, is left out, and its request kept in its place. A page that leads to much
    is not gathered.

    Args:
        results: keeps them; None: nothing is gathered.
        reading: changes with the way in which answers are read.
        clock: tells what would be asked for again.
    """

    def __init__(self, results: PageResults | None, reading: str, clock: Clock) -> None:
        self._results = results
        self._reading = reading
        self._clock = clock
        # With the request itself, since the identity of one that is gone may come again.
        self._members: dict[int, tuple[Request, _Gathered]] = {}
        self._pages: dict[str, _Gathered] = {}

    def behind(self, page: Page) -> Sequence[Request]:
        """The requests of a page whose answers may be known; none where nothing is gathered."""
        if self._results is None:
            return ()
        return [each for each in page.requests if not each.expands]

    async def recall(self, request: Request, behind: Sequence[Request]) -> PageResult | None:
        """What the requests behind a page led to before; None begins to gather that."""
        if self._results is None:
            return None
        if (key := self._results.key(behind, self._reading)) is None:
            return None
        if (result := await self._results.recall(key)) is not None:
            return result
        if key not in self._pages:
            if len(self._pages) >= _MOST_PAGES:
                self._lose(next(iter(self._pages.values())))
            gathered = self._pages[key] = _Gathered(key, request.url)
            if not self._expect(gathered, behind):
                self._lose(gathered)
        return None

    def read(self, request: Request, answer: Response | None, page: Page) -> WholePage | None:
        """Take in what an answer says; the page that is whole with it.

        Args:
            request: that was answered.
            answer: None where there is none.
            page: what it says.
        """
        if (member := self._members.pop(id(request), None)) is None:
            return None
        gathered = member[1]
        if gathered.key not in self._pages:
            return None
        gathered.waiting -= 1
        if answer is None or not answer.reusable_until:
            gathered.again.append(request)
        else:
            known = _Answer(request, answer.fetched_at, answer.reusable_until, page)
            if page.requests and not known.stands(self._clock.timestamp()):
                gathered.again.append(request)
            else:
                gathered.answers.append(known)
                gathered.bytes += len(answer.body)
                if gathered.bytes > _MOST_BYTES or not self._expect(gathered, page.requests):
                    self._lose(gathered)
                    return None
        if gathered.waiting:
            return None
        del self._pages[gathered.key]
        return gathered.whole(self._clock.timestamp())

    async def keep(self, page: WholePage) -> None:
        """Keep what a page led to."""
        if self._results is not None:
            await self._results.keep(page)

    def _expect(self, gathered: _Gathered, requests: Sequence[Request]) -> bool:
        if not requests:
            return True
        members = {id(each): (each, gathered) for each in requests if not each.expands}
        if len(members) < len(requests) or not self._members.keys().isdisjoint(members):
            return False
        self._members |= members
        gathered.waiting += len(members)
        return True

    def _lose(self, gathered: _Gathered) -> None:
        """It will not become whole; answers that are still to come find it gone."""
        del self._pages[gathered.key]
        gathered.answers.clear()


def _joined(answers: Sequence[_Answer], again: Sequence[Request]) -> PageResult:
    rows: dict[str, list[AnswerRows]] = {}
    tallies: Counter[str] = Counter()
    pages = [each.page for each in answers]
    for _, fetched_at, _, page in answers:
        for table, records in page.records.items():
            rows.setdefault(table, []).append(AnswerRows(fetched_at, records))
        for name, count in page.tallies.items():
            tallies[name] += count
    return PageResult(
        rows=rows,
        again=again,
        failures=[failure for page in pages for failure in page.failures],
        items=sum([page.items for page in pages]),
        notes=[*dict.fromkeys([note for page in pages for note in page.notes])],
        tallies=tallies,
    )
