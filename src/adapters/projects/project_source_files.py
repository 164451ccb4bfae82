"""The declared sources of a project, in a folder of TOML files with recordings beside them."""

from collections.abc import Sequence
from pathlib import Path

from adapters.projects.walk_plan import PLAN, plan_of, read_plan
from application.ports.source_files import SourceFiles
from domain.errors import NotFoundError, StorageError
from domain.recordings import Recording

_RECORDINGS = "recordings"


class ProjectSourceFiles(SourceFiles):
    """`NAME.toml`, `recordings/NAME/` with a `walk.json`, and the schema for editors.

    Args:
        folder: of the project's declarations; made when something is saved.
        checkout: folder of the recordings of built-in sources, where there is a checkout.
        schema: name and text of the JSON Schema that is kept beside the declarations.
    """

    def __init__(self, folder: Path, *, checkout: Path, schema: tuple[str, str]) -> None:
        self._folder = folder
        self._recordings = (folder / _RECORDINGS, checkout)
        self._schema = schema

    def recording(self, name: str) -> Recording:
        """The project's own recording, else that of a checkout."""
        for folder in self._recordings:
            if (folder / name / PLAN).is_file():
                return read_plan(folder / name)
        places = " and ".join(f"{folder / name / PLAN}" for folder in self._recordings)
        hint = f"Looked for {places}. `app sources new` makes one; built-in ones are in a checkout."
        raise NotFoundError(what="recording of a source", name=name, hint=hint)

    def exists(self, name: str) -> str:
        """The declaration's file, if there is one."""
        file = self._folder / f"{name}.toml"
        return str(file) if file.exists() else ""

    def save(self, name: str, declaration: str, recording: Recording) -> Sequence[str]:
        """Write all files; a recording that was there is replaced as a whole."""
        folder = self._folder / _RECORDINGS / name
        plan, answers = plan_of(recording)
        own = {folder / each: body for each, body in answers.items()}
        own[folder / PLAN] = plan.encode()
        own[self._folder / f"{name}.toml"] = declaration.encode()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for stale in set(folder.glob("answer_*.json")) - set(own):
                stale.unlink()
            for file, content in own.items():
                _write(file, content)
            _write(self._folder / self._schema[0], self._schema[1].encode())
        except OSError as exc:
            message = f"{exc.filename or folder} cannot be written: {exc.strerror}."
            raise StorageError(message) from exc
        return [str(file) for file in own]


def _write(file: Path, content: bytes) -> None:
    """All or nothing: half a declaration would stop every command."""
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.write_bytes(content)
    unfinished.replace(file)
