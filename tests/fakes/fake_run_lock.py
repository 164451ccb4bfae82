"""Run locks in memory."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from application.ports.run_lock import RunLock
from domain.errors import RunLockedError


class FakeRunLock(RunLock):
    """A set of what is held."""

    def __init__(self) -> None:
        self.held: set[tuple[str, str]] = set()

    def hold(self, domain: str, target: str) -> AbstractAsyncContextManager[None]:
        return self._hold(domain, target)

    @asynccontextmanager
    async def _hold(self, domain: str, target: str) -> AsyncGenerator[None]:
        if (domain, target) in self.held:
            raise RunLockedError(domain, target, "process 1 of a test")
        self.held.add((domain, target))
        try:
            yield
        finally:
            self.held.discard((domain, target))
