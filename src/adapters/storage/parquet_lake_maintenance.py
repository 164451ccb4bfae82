"""The Parquet files of the lake, checked and removed."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, sync_folder
from adapters.storage.parquet_file import rows_in
from adapters.storage.table_file import sha256_of
from adapters.storage.uninterrupted import uninterrupted
from application.ports.lake_maintenance import Defect, FileFinding, LakeMaintenance, RunFolder
from domain.manifest import DataFile

_RUN = "run="


class ParquetLakeMaintenance(LakeMaintenance):
    """`lake/<domain>/<table>/target=<target>/run=<run>/`."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    async def check(self, file: DataFile) -> FileFinding | None:
        """Compare length, SHA-256 and rows with the manifest's."""
        return await asyncio.to_thread(self._check, file)

    async def settled(self) -> Sequence[RunFolder]:
        """What the lake holds of runs that are over."""
        return await asyncio.to_thread(self._settled)

    async def remove(self, folders: Sequence[RunFolder]) -> None:
        """Remove folders that no version names."""
        for each in folders:
            await uninterrupted(asyncio.to_thread(self._remove, each))

    def _check(self, file: DataFile) -> FileFinding | None:
        path = self._folder.inside(self._folder.root / file.path)
        with storage_errors("Reading", path):
            try:
                length = path.stat().st_size
            except (FileNotFoundError, NotADirectoryError):
                return FileFinding(file, Defect.MISSING, "it is not there")
        if length != file.bytes:
            detail = f"it has {length} bytes instead of {file.bytes}"
            return FileFinding(file, Defect.LENGTH, detail, tuple(_broken_columns(path)))
        if (digest := sha256_of(path)) != file.sha256:
            detail = f"its SHA-256 is {digest[:16]}…, not {file.sha256[:16]}…"
            return FileFinding(file, Defect.CHECKSUM, detail, tuple(_broken_columns(path)))
        try:
            rows = rows_in(path)
        except (pa.ArrowException, OSError) as error:
            return FileFinding(file, Defect.UNREADABLE, str(error)[:200])
        if rows != file.rows:
            return FileFinding(file, Defect.ROWS, f"it has {rows} rows instead of {file.rows}")
        return None

    def _settled(self) -> list[RunFolder]:
        """Listed before the staging areas: a run that is under way has one all along."""
        with storage_errors("Reading", self._folder.lake):
            found = [p for p in self._folder.lake.glob(f"*/*/target=*/{_RUN}*") if p.is_dir()]
            areas = {path.name for path in self._folder.staging.glob("*")}
        return [self._measured(path) for path in found if path.name.removeprefix(_RUN) not in areas]

    def _measured(self, path: Path) -> RunFolder:
        """A file that has another name (a published one) frees nothing."""
        with storage_errors("Reading", path):
            found = list(_stats(path))
        freed = sum(each.st_size for each in found if each.st_nlink == 1)
        return RunFolder(self._folder.relative(path), len(found), freed)

    def _remove(self, each: RunFolder) -> None:
        path = self._folder.inside(self._folder.root / each.path)
        with storage_errors("Removing", path):
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(path)
            sync_folder(path.parent)


def _stats(path: Path) -> Iterator[os.stat_result]:
    for each in path.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # whoever sweeps a dead run was faster
            if not each.is_dir():
                yield each.lstat()


def _broken_columns(path: Path) -> Iterator[str]:
    """The columns that do not read back under the checksums of their pages."""
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for name in file.schema_arrow.names:
                try:
                    for _ in file.iter_batches(columns=[name]):
                        pass
                except (pa.ArrowException, OSError):
                    yield name
    except (pa.ArrowException, OSError):
        return
