"""What all ways of showing a run have in common."""

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager

from application.ports.progress import ProgressListener
from domain.runs import Run


class RunProgress(ProgressListener):
    """A listener that also remembers the run, for the summary.

    Attributes:
        run: in its last known state; None before it began.
    """

    run: Run | None = None

    @abstractmethod
    def shown(self) -> AbstractAsyncContextManager[None]:
        """Shows the run for the length of the context."""

    def started(self, run: Run) -> None:
        """Remember it."""
        self.run = run

    def finished(self, run: Run) -> None:
        """Remember how it ended."""
        self.run = run
