"""The run log port."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.runs import Run, RunState


class RunLog(Protocol):
    """Every run, failed ones too."""

    @abstractmethod
    async def save(self, run: Run) -> None:
        """Write the run in place of its earlier state; atomic."""

    @abstractmethod
    async def all(self) -> Sequence[Run]:
        """All runs, newest first; an unreadable record is passed over with a warning."""

    async def running(self) -> Sequence[Run]:
        """The runs that say that they are under way, newest first; dead ones among them."""
        return [run for run in await self.all() if run.state is RunState.RUNNING]

    @abstractmethod
    async def get(self, run_id: str) -> Run:
        """One run by its id or an unambiguous beginning of it; NotFoundError otherwise."""
