"""The run lock port."""

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class RunLock(Protocol):
    """One run of a target at a time."""

    @abstractmethod
    def hold(self, domain: str, target: str) -> AbstractAsyncContextManager[None]:
        """Hold the target for the length of the context; a dead holder's lock is free.

        Raises:
            RunLockedError: somebody else holds it; names process and host.
        """
