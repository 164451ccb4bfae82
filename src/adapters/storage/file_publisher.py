"""The files that are derived from a version: one Parquet file a table, and `catalog.duckdb`."""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import TEMPORARY, storage_errors, sync_file, sync_folder
from application.ports.publisher import Publisher
from application.ports.run_log import RunLog
from domain.manifest import Dataset, Manifest
from domain.runs import Run

type CatalogBuilder = Callable[[Manifest, Sequence[Run], Path], None]
"""Writes a catalog file of a version to a path; StorageError when it cannot."""


class FilePublisher(Publisher):
    """Replaces each derived file atomically; any of them may be deleted and made again.

    A target's table is published as `<target>_<table>.parquet`; when two domains have a table
    and a target of the same names, the later domain's file is `<domain>_<target>_<table>.parquet`.
    """

    def __init__(self, folder: DataFolder, runs: RunLog, build_catalog: CatalogBuilder) -> None:
        self._folder = folder
        self._runs = runs
        self._build_catalog = build_catalog

    async def publish(self, manifest: Manifest, target: str | None = None) -> Sequence[str]:
        """Bring the derived files up to a version; their names."""
        runs = await self._runs.all()
        return await asyncio.to_thread(self._publish, manifest, target, runs)

    def _publish(self, manifest: Manifest, target: str | None, runs: Sequence[Run]) -> list[str]:
        root = self._folder.root
        with storage_errors("Publishing into", root):
            for stray in root.glob(f".*{TEMPORARY}*"):
                stray.unlink(missing_ok=True)
            published = []
            for name, own, dataset in _published_names(manifest):
                if target in (None, own):
                    self._link(dataset, root / name)
                    published.append(name)
            self._replace_catalog(manifest, runs)
            sync_folder(root)
        return [*published, self._folder.catalog_file.name]

    def _link(self, dataset: Dataset, path: Path) -> None:
        sources = [self._folder.inside(self._folder.root / file.path) for file in dataset.files]
        if len(sources) == 1 and path.exists() and path.samefile(sources[0]):
            return
        temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
        temporary.unlink(missing_ok=True)
        if len(sources) == 1:
            _link_or_copy(sources[0], temporary)
        else:
            _join(sources, temporary)
        temporary.replace(path)

    def _replace_catalog(self, manifest: Manifest, runs: Sequence[Run]) -> None:
        path = self._folder.catalog_file
        temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
        temporary.unlink(missing_ok=True)
        self._build_catalog(manifest, runs, temporary)
        sync_file(temporary)
        # A forgotten WAL of an older file would keep the new one from being opened at all.
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
        temporary.replace(path)


def _published_names(manifest: Manifest) -> Iterator[tuple[str, str, Dataset]]:
    taken: set[str] = set()
    for name, table in sorted(manifest.tables.items()):
        domain, _, short = name.partition(".")
        for target, dataset in sorted(table.datasets.items()):
            file = f"{target}_{short}.parquet"
            file = f"{domain}_{file}" if file in taken else file
            taken.add(file)
            yield file, target, dataset


def _link_or_copy(source: Path, path: Path) -> None:
    try:
        os.link(source, path)
    except OSError:
        shutil.copyfile(source, path)
        sync_file(path)


def _join(sources: Sequence[Path], path: Path) -> None:
    with pq.ParquetWriter(path, pq.read_schema(sources[0]), compression="zstd") as writer:
        for source in sources:
            with pq.ParquetFile(source) as file:
                for batch in file.iter_batches():
                    writer.write_batch(batch)
    sync_file(path)
