"""The run id port."""

from abc import abstractmethod
from typing import Protocol


class RunIds(Protocol):
    """A supply of run ids."""

    @abstractmethod
    def next(self) -> str:
        """A new ULID."""
