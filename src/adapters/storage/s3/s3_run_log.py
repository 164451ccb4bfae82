"""Runs as objects."""

import asyncio
from collections.abc import Sequence

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from adapters.storage.file_run_log import FileRunLog
from adapters.storage.s3.mirrored_folder import MirroredFolder
from adapters.storage.s3.s3_objects import S3Objects
from application.ports.run_log import RunLog
from domain.runs import Run

RUNS = "_catalog/runs"


class S3RunLog(RunLog):
    """`_catalog/runs/<run id>.json`; a record is fetched again only when it has changed.

    Args:
        objects: the store.
        mirror: keeps the records that were written or fetched here.
    """

    def __init__(self, objects: S3Objects, mirror: DataFolder) -> None:
        self._objects = objects
        self._mirror = mirror
        self._folder = MirroredFolder(objects, RUNS, mirror.runs)
        self._local = FileRunLog(mirror)

    async def save(self, run: Run) -> None:
        """Write the run in place of its earlier state; atomic."""
        await self._local.save(run)
        await asyncio.to_thread(self._send, f"{run.run_id}.json")

    async def all(self) -> Sequence[Run]:
        """All runs, newest first; an unreadable record is passed over with a warning."""
        await self._bring()
        return await self._local.all()

    async def running(self) -> Sequence[Run]:
        """The runs that say that they are under way, newest first."""
        await self._bring()
        return await self._local.running()

    async def get(self, run_id: str) -> Run:
        """One run by its id or an unambiguous beginning of it."""
        await self._bring()
        return await self._local.get(run_id)

    def _send(self, name: str) -> None:
        path = self._mirror.runs / name
        with storage_errors("Reading", path):
            content = path.read_bytes()
        self._objects.write(f"{RUNS}/{name}", content)

    async def _bring(self) -> None:
        await asyncio.to_thread(self._folder.bring_all)
