"""Faults in the system calls that make files durable, for code that runs in this process."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_CALLS = ("fsync", "rename", "replace", "link", "unlink", "mkdir", "rmdir", "truncate")


class FaultyDisk:
    """Counts calls, and lets one of them fail.

    Attributes:
        calls: how many there were.
        at: the number of the call that fails, from 1; None for none.
        fail: called in its place; raises.
    """

    def __init__(self, at: int | None, fail: Callable[[], None]) -> None:
        self.calls = 0
        self.at = at
        self.fail = fail
        self._lock = threading.Lock()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """In place of the `os` module's own, for the length of the context."""
        before = {name: getattr(os, name) for name in _CALLS}
        for name, call in before.items():
            setattr(os, name, self._counted(call))
        try:
            yield
        finally:
            for name, call in before.items():
                setattr(os, name, call)

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            with self._lock:
                self.calls += 1
                fails = self.calls == self.at
            if fails:
                self.fail()
            return call(*arguments, **named)

        return counted
