"""What one run of the program was told before its command began."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import typer

from entrypoints.cli.signals import StopSignals


@dataclass(slots=True)
class Invocation:
    """Global options, and what the command left to be closed.

    Attributes:
        config: the file named by `--config`.
        flags: settings given as global options; None where not given.
        container_factory: builds a container from settings; None for the real one.
        in_process: a test calls the program; loggers must not outlive the call.
        secrets: what must not stand in an error.
        closing: called in reverse when the command is over.
        crashed: takes the error of a defect, for the log.
        told: the command has said itself that it was stopped, and what that means.
    """

    container_factory: Callable[[Any], Any] | None = None
    in_process: bool = False
    config: Path | None = None
    flags: Mapping[str, Any] = field(default_factory=dict)
    signals: StopSignals = field(default_factory=StopSignals)
    secrets: frozenset[str] = frozenset()
    closing: list[Callable[[], object]] = field(default_factory=list)
    crashed: Callable[[BaseException], object] = lambda _error: None
    told: bool = False

    def close(self) -> None:
        """Let go of everything; safe to repeat."""
        while self.closing:
            self.closing.pop()()


def invocation(context: typer.Context) -> Invocation:
    """The invocation that a command belongs to."""
    return cast("Invocation", context.find_root().obj)
