"""Runs command lines in this process, with stand-ins for what the container builds."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from dependency_injector import providers

from entrypoints.cli.program import run_program
from entrypoints.container import Container
from entrypoints.settings import Settings


class StandardStream(io.TextIOWrapper):
    """A standard stream that is a terminal or is not."""

    def __init__(self, content: bytes = b"", *, terminal: bool = False) -> None:
        self.bytes = io.BytesIO(content)
        self._terminal = terminal
        super().__init__(self.bytes, encoding="utf-8", write_through=True)

    def isatty(self) -> bool:
        return self._terminal

    @property
    def text(self) -> str:
        return self.bytes.getvalue().decode()


@dataclass(frozen=True)
class Outcome:
    """What a command line came to; `settings` are those that the container got."""

    code: int
    out: str
    err: str
    settings: Settings | None


type RunCli = Callable[..., Outcome]


def runner(monkeypatch: pytest.MonkeyPatch) -> RunCli:
    """`run("datasets", "--json", list_datasets=fake)`: providers are replaced by keyword.

    `terminal` and `stdout_terminal` say which streams are terminals; `stdin` is bytes.
    """

    def run(
        *arguments: str,
        stdin: bytes = b"",
        terminal: bool = False,
        stdout_terminal: bool | None = None,
        **replaced: Any,
    ) -> Outcome:
        seen: list[Settings] = []

        def build(settings: Settings) -> Container:
            seen.append(settings)
            objects = {name: providers.Object(value) for name, value in replaced.items()}
            return Container(settings=providers.Object(settings), **objects)

        out_terminal = terminal if stdout_terminal is None else stdout_terminal
        streams = {
            "stdin": StandardStream(stdin, terminal=terminal),
            "stdout": StandardStream(terminal=out_terminal),
            "stderr": StandardStream(terminal=terminal),
        }
        with monkeypatch.context() as patch:
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            code = run_program(arguments, container_factory=build)
        out, err = streams["stdout"].text, streams["stderr"].text
        return Outcome(code, out, err, seen[0] if seen else None)

    return run
