"""Runs as files."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, write_atomically
from application.ports.run_log import RunLog
from domain.errors import NotFoundError
from domain.runs import Run, run_from_json, run_to_json

_log = structlog.get_logger()


class FileRunLog(RunLog):
    """`_catalog/runs/<run id>.json`, replaced at each change of state."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    async def save(self, run: Run) -> None:
        """Write the run in place of its earlier state; atomic."""
        document = json.dumps(run_to_json(run), ensure_ascii=False, indent=1)
        path = self._folder.inside(self._folder.runs / f"{run.run_id}.json")
        # JSON's own escape of half a character, which errors may quote from upstream.
        content = document.encode(errors="backslashreplace")
        await asyncio.to_thread(write_atomically, path, content)

    async def all(self) -> Sequence[Run]:
        """All runs, newest first; an unreadable record is passed over with a warning."""
        return await asyncio.to_thread(self._all)

    async def get(self, run_id: str) -> Run:
        """One run by its id or an unambiguous beginning of it."""
        runs = await self.all()
        found = [run for run in runs if run.run_id.startswith(run_id.upper())] if run_id else []
        if len(found) != 1:
            hint = f"{len(found)} runs begin so." if found else "`app runs` lists them."
            raise NotFoundError("run", run_id, (run.run_id for run in runs), hint)  # noqa: EM101  # a noun
        return found[0]

    def _all(self) -> list[Run]:
        with storage_errors("Reading", self._folder.runs):
            paths = sorted(self._folder.runs.glob("[0-9A-Z]*.json"), reverse=True)
        return [run for path in paths if (run := _read(path)) is not None]


def _read(path: Path) -> Run | None:
    try:
        return run_from_json(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        _log.warning("run_log.unreadable", file=path.name, reason=repr(error))
        return None
