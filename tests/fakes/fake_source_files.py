"""Source files that are kept in memory."""

from collections.abc import Sequence
from dataclasses import replace

from application.ports.source_files import SourceFiles
from domain.errors import NotFoundError, PipelineError
from domain.recordings import Recording


class FakeSourceFiles(SourceFiles):
    """Keeps declarations and recordings by name; fails when told to; counts what is saved."""

    def __init__(self) -> None:
        self.declarations: dict[str, str] = {}
        self.recordings: dict[str, Recording] = {}
        self.fails_with: PipelineError | None = None
        self.saved = 0

    def recording(self, name: str) -> Recording:
        if name not in self.recordings:
            raise NotFoundError(what="recording of a source", name=name)
        return self.recordings[name]

    def exists(self, name: str) -> str:
        return f"{name}.toml" if name in self.declarations else ""

    def save(self, name: str, declaration: str, recording: Recording) -> Sequence[str]:
        if self.fails_with:
            raise self.fails_with
        self.saved += 1
        self.declarations[name] = declaration
        self.recordings[name] = replace(recording, place=name)
        return [f"{name}.toml"]
