"""One table of a run on its way from the staging area to the lake."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.column_profiles import profile_of
from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import (
    UNCHANGED,
    move_durably,
    storage_errors,
    sync_file,
    sync_folder,
)
from adapters.storage.kept_out_rows import QUARANTINE
from adapters.storage.parquet_file import parquet_writer
from adapters.storage.profile_file import write_profile
from adapters.storage.staged_table import StagedTable
from adapters.storage.table_file import (
    MergedTable,
    merge_unwritten,
    sha256_of,
    write_table_file,
)
from adapters.storage.table_merge import TableMerge
from domain.errors import StorageError
from domain.manifest import DataFile, Dataset
from domain.runs import RowCounts, Run
from domain.sources import Source
from domain.tables import TableSpec

_FILE = "part-00000.parquet"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SealedTable:
    """Merged and counted rows.

    Attributes:
        content: digest of what they say.
        counts: the balance.
        files: where they are; none as long as they are not written.
    """

    content: str
    counts: RowCounts
    files: tuple[DataFile, ...] = ()


class TableSealer:
    """Merges the rows of a table, and writes them when they are to be published. Blocking.

    Args:
        folder: the data folder.
        area: the run's staging area.
        run: the run.
        source: its source.
        table: the table.
        staged: its staged rows, all of them in the files.
        base: what it is merged with, if anything.
    """

    def __init__(
        self,
        *,
        folder: DataFolder,
        area: Path,
        run: Run,
        source: Source,
        table: TableSpec,
        staged: StagedTable,
        base: Dataset | None,
    ) -> None:
        self._folder = folder
        self._area = area
        self._run = run
        self._source = source
        self._table = table
        self._name = f"{source.domain}.{table.name}"
        self._staged = staged
        self._base = base
        self._written = area / f"sealed-{table.name}" / _FILE
        self._merge: TableMerge | None = None

    @property
    def size(self) -> int:
        """Bytes of the staged rows."""
        return self._staged.kept.state().bytes

    def merge(self) -> SealedTable:
        """Find out what the rows say, without writing them.

        Raises:
            StorageError: the merge failed, or the balance does not add up.
        """
        return self._counted(merge_unwritten(self._begun()))

    def write(self) -> SealedTable:
        """Move the rows to the lake, and those that were kept out to quarantine.

        Raises:
            StorageError: writing failed, or the balance does not add up.
        """
        merge = self._begun()
        merged = write_table_file(
            merge,
            self._written,
            {
                "run_id": self._run.run_id,
                "source": self._source.name,
                "table": self._name,
                "target": self._run.target,
                "schema": self._table.schema.fingerprint,
            },
        )
        merge.close()
        counted = self._counted(merged)
        digest = sha256_of(self._written)
        home = self._folder.run_folder(self._name, self._run.target, self._run.run_id)
        with storage_errors("Moving", home):
            sync_folder(self._written.parent)
            move_durably(self._written.parent, home, self._folder.root)
            file = home / _FILE
            size = file.stat().st_size
        self._move_quarantine()
        entry = DataFile(self._folder.relative(file), merged.rows, size, digest)
        return SealedTable(counted.content, counted.counts, (entry,))

    def profile(self, file: DataFile) -> None:
        """Beside the work on the next table; a version does not depend on it."""
        path = self._folder.root / file.path
        try:
            with storage_errors("Profiling", path):
                write_profile(path, profile_of([path]))
        except StorageError as error:
            _log.warning("profile.failed", file=file.path, reason=str(error))

    def _begun(self) -> TableMerge:
        """The merge; of one that was gone through already what it knows is used again."""
        if self._merge is None:
            folder = self._written.parent
            with storage_errors("Writing", folder):
                folder.mkdir()
            base = [self._whole(file) for file in self._base.files] if self._base else []
            self._merge = TableMerge(self._table, self._staged.kept, base, folder)
        return self._merge

    def _counted(self, merged: MergedTable) -> SealedTable:
        counts = self._staged.balance(merged.rows - merged.carried, merged.duplicates)
        return SealedTable(merged.content, counts)

    def _whole(self, file: DataFile) -> Path:
        """A published file that is what it was when it was published.

        Raises:
            StorageError: it is not; a merge would carry the damage on under a new checksum.
        """
        path = self._folder.inside(self._folder.root / file.path)
        if sha256_of(path) != file.sha256:
            message = (
                f"{path} was changed after it was published, so nothing can be merged with it. "
                f"{UNCHANGED} Restore it from a backup; `app catalog verify --all` tells which "
                "versions are whole."
            )
            raise StorageError(message)
        return path

    def _move_quarantine(self) -> None:
        kept_out = self._staged.kept_out
        if not kept_out.state().rows:
            return
        path = self._folder.quarantine_file(self._name, self._run.target, self._run.run_id)
        gathered = self._area / f"quarantine-{self._name}.parquet"
        with parquet_errors("Writing", path):
            with parquet_writer(gathered, QUARANTINE) as writer:
                for batch in kept_out.batches():
                    writer.write_batch(batch)
            sync_file(gathered)
            move_durably(gathered, path, self._folder.root)
