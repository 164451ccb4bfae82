"""The checkpoints port."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.checkpoint import Checkpoint


class Checkpoints(Protocol):
    """The newest checkpoint of each run that was stopped."""

    @abstractmethod
    async def save(self, checkpoint: Checkpoint) -> None:
        """Put it in place of the run's earlier one: durable, and never half.

        The run's staging area is open, and the staged rows that it names are durable.

        Raises:
            StorageError: it cannot be written; the earlier one stands.
        """

    @abstractmethod
    async def all(self) -> Sequence[Checkpoint]:
        """Those that can be read, newest first; others are passed over with a warning."""
