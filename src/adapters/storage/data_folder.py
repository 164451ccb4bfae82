"""Where everything stands in a data folder."""

import glob
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from domain.errors import DataFolderError, StorageError


class DataFolder:
    """The paths below `APP_DATA_DIR`; all names that come from data are checked to stay inside.

    Attributes:
        root: absolute.
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    @property
    def versions(self) -> Path:
        """The manifests, one file a version."""
        return self.root / "_catalog" / "v"

    @property
    def runs(self) -> Path:
        """One file a run."""
        return self.root / "_catalog" / "runs"

    @property
    def locks(self) -> Path:
        """One file a target."""
        return self.root / "_catalog" / "locks"

    @property
    def identity(self) -> Path:
        """The name that machines know the folder by."""
        return self.root / "_catalog" / "id"

    @property
    def lake(self) -> Path:
        """Immutable Parquet files."""
        return self.root / "lake"

    @property
    def staging(self) -> Path:
        """What is being written, one folder a run."""
        return self.root / "_staging"

    @property
    def quarantine(self) -> Path:
        """Rows that were kept out."""
        return self.root / "quarantine"

    @property
    def catalog_file(self) -> Path:
        """The derived file for any DuckDB client."""
        return self.root / "catalog.duckdb"

    @property
    def catalog_note(self) -> Path:
        """Says of which version the catalog file is."""
        return self.root / "_catalog" / "published"

    def run_folder(self, table: str, target: str, run_id: str) -> Path:
        """Where a run's files of a table live, for a qualified table name."""
        return self.inside(self.lake / _branch(table, target) / f"run={run_id}")

    def quarantine_file(self, table: str, target: str, run_id: str) -> Path:
        """The rows that a run kept out of a table."""
        return self.inside(self.quarantine / _branch(table, target) / f"run={run_id}.parquet")

    def written_by(self, run_id: str, owner: tuple[str, str] | None = None) -> Iterator[Path]:
        """What a run has put outside its staging area, published or not.

        Args:
            run_id: the run.
            owner: its domain and target; None where they are not known, and all have to be
                looked at.
        """
        parts = ("*", "*") if owner is None else (glob.escape(owner[0]), file_name(owner[1]))
        branch = f"{parts[0]}/*/target={parts[1]}"
        name = glob.escape(f"run={run_id}")
        yield from self.lake.glob(f"{branch}/{name}")
        yield from self.quarantine.glob(f"{branch}/{name}.parquet")

    def lock(self, domain: str, target: str) -> Path:
        """The file that a run of a target locks."""
        return self.inside(self.locks / f"{domain}.{file_name(target)}.lock")

    def inside(self, path: Path) -> Path:
        """The path itself; StorageError if it leads out of the folder."""
        if not path.resolve().is_relative_to(self.root):
            message = f"{path} lies outside the data folder {self.root}."
            raise StorageError(message)
        return path

    def relative(self, path: Path) -> str:
        """As manifests and summaries name a file: below the root, with slashes."""
        return path.relative_to(self.root).as_posix()

    def prepare(self) -> None:
        """Make the folders that every run needs.

        Raises:
            DataFolderError: no rights, or a file where a folder should be.
        """
        for folder in (self.versions, self.runs, self.locks, self.lake, self.staging):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise _unusable(self.root, error) from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise _unusable(self.root, PermissionError("no right to write"))


def file_name(target: str) -> str:
    """A target as part of a file name: `python/cpython` becomes `python%2Fcpython`."""
    return quote(target, safe="", errors="surrogatepass")


def _branch(table: str, target: str) -> Path:
    domain, _, name = table.partition(".")
    return Path(domain, name, f"target={file_name(target)}")


def _unusable(root: Path, error: OSError) -> DataFolderError:
    reason = error.strerror or str(error)
    return DataFolderError(
        f"The data folder {root} cannot be used: {reason}. "
        "Give yourself the right to write there, or choose another folder with APP_DATA_DIR."
    )
