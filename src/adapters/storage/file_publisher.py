"""The files that are derived from a version: one Parquet file a table, and `catalog.duckdb`."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import TEMPORARY, storage_errors, sync_file, sync_folder
from adapters.storage.file_lock import FileLock
from adapters.storage.manifest_files import ManifestFiles
from adapters.storage.parquet_file import join_files, metadata_of
from adapters.storage.published_names import published_names
from adapters.storage.uninterrupted import uninterrupted
from application.ports.publisher import WHOLE, Publisher
from application.ports.run_log import RunLog
from domain.errors import StorageError
from domain.manifest import Dataset, Manifest
from domain.runs import Run

type CatalogBuilder = Callable[[Manifest, Sequence[Run], Path], None]
"""Writes a catalog file of a version to a path; StorageError when it cannot."""

_PATIENCE = 60.0  # seconds for other publishers of the folder
_PAUSE = 0.05
_OWNER = (b"table", b"target")


class FilePublisher(Publisher):
    """Replaces each derived file atomically; any of them may be deleted and made again.

    One publisher of a folder at a time. When a newer version is there by then, that one is
    published, so that a slow publisher never takes derived files back. What is there already is
    not made again: a run without news costs no catalog.
    """

    def __init__(self, folder: DataFolder, runs: RunLog, build_catalog: CatalogBuilder) -> None:
        self._folder = folder
        self._runs = runs
        self._build_catalog = build_catalog
        self._manifests = ManifestFiles(folder)

    async def publish_all(
        self, manifest: Manifest, targets: Collection[str] | None = None, *, whole: bool = True
    ) -> Mapping[str, Sequence[str]]:
        """Bring the derived files up to a version; their names by target."""
        async with self._alone():
            runs = await self._runs.all() if whole else ()
            return await uninterrupted(
                asyncio.to_thread(self._publish, manifest, targets, runs, whole=whole)
            )

    @asynccontextmanager
    async def _alone(self) -> AsyncGenerator[None]:
        self._folder.prepare()
        path = self._folder.locks / "publish.lock"
        lock = FileLock(path)
        try:
            async with asyncio.timeout(_PATIENCE):
                with storage_errors("Locking", path):
                    while not lock.take():  # noqa: ASYNC110  # the holder is another process
                        await asyncio.sleep(_PAUSE)
        except TimeoutError as error:
            message = f"Another process has been publishing into {self._folder.root} for too long."
            raise StorageError(message) from error
        try:
            yield
        finally:
            lock.release()

    def _publish(
        self,
        manifest: Manifest,
        targets: Collection[str] | None,
        runs: Sequence[Run],
        *,
        whole: bool,
    ) -> dict[str, list[str]]:
        root = self._folder.root
        newest = self._manifests.newer_than(manifest)
        published: dict[str, list[str]] = {}
        with parquet_errors("Publishing into", root):
            for name in (
                f".*.parquet.*{TEMPORARY}",
                f".{self._folder.catalog_file.name}.*{TEMPORARY}*",
            ):
                for stray in root.glob(name):
                    stray.unlink(missing_ok=True)
            for name, claim in published_names(newest, self._owner):
                if targets is None or claim.target in targets:
                    self._link(claim.dataset, root / name)
                    published.setdefault(claim.target, []).append(name)
            if whole:
                if self._note(newest) != self._noted():
                    self._replace_catalog(newest, runs)
                published[WHOLE] = [self._folder.catalog_file.name]
            sync_folder(root)
        return published

    def _owner(self, name: str) -> tuple[str, str] | None:
        """Table and target that a published file says it is of."""
        path = self._folder.root / name
        try:
            with parquet_errors("Reading", path):
                found = metadata_of(path)
        except StorageError:
            return None
        table, target = (found.get(key, b"").decode(errors="replace") for key in _OWNER)
        return table, target

    def _link(self, dataset: Dataset, path: Path) -> None:
        sources = [self._folder.inside(self._folder.root / file.path) for file in dataset.files]
        if len(sources) == 1 and path.exists() and path.samefile(sources[0]):
            return
        temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
        if len(sources) == 1:
            _link_or_copy(sources[0], temporary)
        else:
            join_files(sources, temporary)
            sync_file(temporary)
        temporary.replace(path)

    def _note(self, manifest: Manifest) -> str:
        """Names the catalog file as the one that was built from a version."""
        try:
            found = self._folder.catalog_file.stat()
        except FileNotFoundError:
            return "there is none"
        return f"{manifest.version} {found.st_ino} {found.st_size} {found.st_mtime_ns}"

    def _noted(self) -> str | None:
        """The note of the last catalog file that was built here."""
        try:
            return self._folder.catalog_note.read_text()
        except (FileNotFoundError, UnicodeDecodeError):
            return None

    def _replace_catalog(self, manifest: Manifest, runs: Sequence[Run]) -> None:
        path = self._folder.catalog_file
        temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
        self._build_catalog(manifest, runs, temporary)
        sync_file(temporary)
        # A forgotten WAL of an older file would keep the new one from being opened at all.
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        temporary.replace(path)
        self._folder.catalog_note.write_text(self._note(manifest))


def _link_or_copy(source: Path, path: Path) -> None:
    try:
        os.link(source, path)
    except OSError:
        shutil.copyfile(source, path)
        sync_file(path)
