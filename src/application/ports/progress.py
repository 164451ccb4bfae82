"""The progress port."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from domain.runs import FetchStatistics, Run


@dataclass(frozen=True, slots=True)
class ProgressReport:
    """Where a run stands.

    Attributes:
        done: items completed; total: items in all, None while unknown.
        pages: list pages read.
    """

    stage: str
    done: int
    total: int | None
    pages: int
    failures: int
    statistics: FetchStatistics


class ProgressListener(Protocol):
    """Shows a run to people; called often, returns at once."""

    @abstractmethod
    def started(self, run: Run) -> None:
        """A run begins."""

    @abstractmethod
    def advanced(self, report: ProgressReport) -> None:
        """It has come further."""

    @abstractmethod
    def finished(self, run: Run) -> None:
        """It is over, whatever its state."""
