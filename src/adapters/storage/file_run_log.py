"""Runs as files."""

import asyncio
import json
from collections.abc import Sequence

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, write_atomically
from adapters.storage.file_index import FileIndex
from adapters.storage.late_values import LateValues
from application.ports.run_log import RunLog
from domain.errors import NotFoundError
from domain.runs import Run, RunState, run_from_json, run_to_json

_SUFFIX = ".json"
_log = structlog.get_logger()


class FileRunLog(RunLog):
    """`_catalog/runs/<run id>.json`, replaced at each change of state.

    Runs that have ended are also kept in `_catalog/runs.index`, which may be lost at any time.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._index = FileIndex(folder.root / "_catalog" / "runs.index", folder.runs, Run)

    async def save(self, run: Run) -> None:
        """Write the run in place of its earlier state; atomic."""
        document = json.dumps(run_to_json(run), ensure_ascii=False, indent=1)
        path = self._folder.inside(self._folder.runs / f"{run.run_id}{_SUFFIX}")
        # JSON's own escape of half a character, which errors may quote from upstream.
        content = document.encode(errors="backslashreplace")
        await asyncio.to_thread(write_atomically, path, content)

    async def all(self) -> Sequence[Run]:
        """All runs, newest first; an unreadable record is passed over with a warning."""
        return await asyncio.to_thread(self._all)

    async def get(self, run_id: str) -> Run:
        """One run by its id or an unambiguous beginning of it."""
        return await asyncio.to_thread(self._get, run_id)

    async def running(self) -> Sequence[Run]:
        """The runs that say that they are under way, newest first."""
        return await asyncio.to_thread(self._running)

    def _all(self) -> Sequence[Run]:
        found = self._index.values(self._names(), self._read, _has_ended)
        return LateValues([found[name] for name in sorted(found, reverse=True)])

    def _get(self, run_id: str) -> Run:
        if (whole := self._whole(run_id)) is not None:
            return whole
        names, wanted = sorted(self._names()) if run_id else [], run_id.upper()
        matches = [name for name in names if name.startswith(wanted)]
        exact = [name for name in matches if name == wanted + _SUFFIX]
        found = [run for name in exact or matches if (run := self._read(name)) is not None]
        if len(found) != 1:
            known = [name.removesuffix(_SUFFIX) for name in names]
            hint = f"{len(found)} runs begin so." if found else "`app runs` lists them."
            raise NotFoundError(what="run", name=run_id, known=known, hint=hint)
        return found[0]

    def _whole(self, run_id: str) -> Run | None:
        """The run of exactly this id, without a look at the others."""
        name = f"{run_id.upper()}{_SUFFIX}"
        is_there = run_id.isalnum() and (self._folder.runs / name).is_file()
        return self._read(name) if is_there else None

    def _running(self) -> list[Run]:
        found = self._index.unknown(self._names(), self._read, _has_ended)
        runs = (found[name] for name in sorted(found, reverse=True))
        return [run for run in runs if run.state is RunState.RUNNING]

    def _names(self) -> dict[str, int]:
        with storage_errors("Reading", self._folder.runs):
            return self._index.names(_SUFFIX)

    def _read(self, name: str) -> Run | None:
        try:
            return run_from_json(json.loads((self._folder.runs / name).read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            _log.warning("run_log.unreadable", file=name, reason=repr(error))
            return None


def _has_ended(run: Run) -> bool:
    """At most once will it be replaced: by its true end, if it ended after its commit."""
    return run.state is not RunState.RUNNING and not run.resumable
