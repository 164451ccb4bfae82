"""Who wants to know how many targets get on."""

from abc import abstractmethod
from typing import Protocol

from application.ingest_request import IngestRequest
from application.ports.progress import ProgressListener
from domain.errors import PipelineError
from domain.runs import Run


class TargetsListener(Protocol):
    """Told of each target; returns at once."""

    @abstractmethod
    def begun(self, request: IngestRequest) -> ProgressListener:
        """A target's turn has come; gives who listens to its run."""

    @abstractmethod
    def ended(self, request: IngestRequest, outcome: Run | PipelineError | None) -> None:
        """A target is done, or has failed; None when it was stopped."""
