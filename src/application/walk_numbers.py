"""What a walk has come to, in numbers."""

from collections import Counter
from datetime import datetime
from typing import Any

import structlog

from domain.checkpoint import WalkState
from domain.errors import RunFailedError
from domain.requests import Request
from domain.sources import EVER, Failure, Page

_MOST_MISSING = 20
_log = structlog.get_logger()


class WalkNumbers:
    """Counted while a walk goes on; they may be read at any time.

    Attributes:
        items: items completed; total: items in all as the upstream says, None while unknown.
        pages: answers that led to further requests.
        asked: answers that an upstream was asked for, in this attempt.
        failures: reasons, with the number of items each left incomplete.
        notes: what the source wants said in the summary, each once.
        tallies: what the source counts, by name.
        deferred: items that wait to be asked for together; gathered: how many were.
        complete_until: how far a time series is known for good.
        parsing: seconds spent reading answers; writing: seconds spent writing what became too
            much to hold, over all lanes.
        missing: offline, the addresses of the first answers that the cache does not have.

    Args:
        max_errors: most items that may fail; None: any number.
    """

    def __init__(self, max_errors: int | None) -> None:
        self._max_errors = max_errors
        self.items = 0
        self.total: int | None = None
        self.pages = 0
        self.asked = 0
        self.failures: Counter[str] = Counter()
        self.notes: dict[str, None] = {}
        self.tallies: Counter[str] = Counter()
        self.deferred: list[Any] = []
        self.gathered = 0
        self.complete_until: datetime | None = None
        self.parsing = self.writing = 0.0
        self.missing: list[str] = []

    def restore(self, state: WalkState) -> None:
        """Go on from where an earlier attempt stood."""
        self.items, self.total, self.pages = state.items, state.total, state.pages
        self.failures = Counter(state.failures)
        self.notes = dict.fromkeys(state.notes)
        self.tallies = Counter(state.tallies)
        self.deferred, self.gathered = list(state.deferred), state.gathered
        self.complete_until = state.complete_until

    def state(self, pending: tuple[Request, ...]) -> WalkState:
        """For a checkpoint.

        Args:
            pending: what is still to be asked.
        """
        return WalkState(
            pending=pending,
            items=self.items,
            total=self.total,
            pages=self.pages,
            failures=dict(self.failures),
            notes=tuple(self.notes),
            tallies=dict(self.tallies),
            deferred=tuple(self.deferred),
            gathered=self.gathered,
            complete_until=self.complete_until,
        )

    def note(self, page: Page) -> None:
        """Add what an answer completes and says, its failures left out."""
        self.items += page.items
        if page.notes:
            self.notes.update(dict.fromkeys(page.notes))
        for name, count in page.tallies.items():
            self.tallies[name] += count
        if page.total is not None:
            self.total = page.total
        if page.complete_until is not None:
            self.complete_until = max(page.complete_until, self.complete_until or EVER)

    def fail(self, failure: Failure) -> None:
        """Count an item that is incomplete.

        Raises:
            RunFailedError: there are more of them than the run may have.
        """
        self.failures[failure.reason] += 1
        _log.warning("item.failed", item=failure.item, reason=failure.reason)
        if self._max_errors is not None and self.failures.total() > self._max_errors:
            message = (
                f"More than {self._max_errors} items failed (--max-errors); "
                f"the last one: {failure.item}: {failure.reason}."
            )
            raise RunFailedError(message)

    def lacks(self, address: str) -> None:
        """An answer is not in the cache, and nobody may be asked for it."""
        if len(self.missing) < _MOST_MISSING:
            self.missing.append(address)
