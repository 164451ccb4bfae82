"""Wires that several runs use at the same time."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from contextvars import ContextVar
from typing import Any

from adapters.http.fetch_counters import FetchCounters

_NOBODYS = FetchCounters()
_CURRENT: ContextVar[FetchCounters] = ContextVar("counters", default=_NOBODYS)


class CurrentCounters(FetchCounters):
    """Those of the run whose task is at work."""

    __slots__ = ()

    def __init__(self) -> None:
        """Hold nothing."""

    def __getattribute__(self, name: str) -> Any:
        return getattr(_CURRENT.get(), name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(_CURRENT.get(), name, value)


@contextmanager
def counting(counters: FetchCounters) -> Iterator[None]:
    """What the calling task and its children do on a shared wire counts here."""
    token = _CURRENT.set(counters)
    try:
        yield
    finally:
        _CURRENT.reset(token)


class SharedWires[W]:
    """Opens each wire once, and closes all of them together."""

    def __init__(self) -> None:
        self._stack: AsyncExitStack | None = None
        self._wires: dict[Hashable, W] = {}
        self._opening = asyncio.Lock()

    @property
    def are_kept(self) -> bool:
        """Whether wires are shared at the moment."""
        return self._stack is not None

    @asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """Wires stay open within the context."""
        async with AsyncExitStack() as stack:
            self._stack = stack
            try:
                yield
            finally:
                self._stack = None
                self._wires.clear()

    async def wire(self, key: Hashable, opened: Callable[[], AbstractAsyncContextManager[W]]) -> W:
        """The wire of a key, opened by the first who asks for it within `kept`."""
        async with self._opening:
            if self._stack is not None and key not in self._wires:
                self._wires[key] = await self._stack.enter_async_context(opened())
            return self._wires[key]
