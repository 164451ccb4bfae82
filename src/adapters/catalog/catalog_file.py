"""`catalog.duckdb`: a file that any DuckDB client opens."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from adapters.catalog.catalog_views import CatalogViews
from domain.errors import StorageError
from domain.manifest import Manifest
from domain.runs import Run
from domain.snapshots import Snapshot
from domain.sql_names import literal

_STORAGE_VERSION = "v1.2.0"  # older clients, DBeaver among them, cannot open newer ones


class CatalogFile:
    """Builds the derived file of a version; nothing here ever reads it.

    Args:
        root: the data folder that the views point into.
        snapshots: gives all versions, blocking, for `meta.snapshots`.
    """

    def __init__(
        self, root: Path, snapshots: Callable[[], Sequence[Snapshot]] = lambda: ()
    ) -> None:
        self._root = root
        self._snapshots = snapshots

    def build(self, manifest: Manifest, runs: Sequence[Run], path: Path) -> None:
        """Write the catalog of a version to a new file.

        Raises:
            StorageError: a file of the version is broken, or the disk is full.
        """
        views = CatalogViews(self._root, manifest, runs, self._snapshots())
        try:
            with _attachable(path) as file, duckdb.connect(":memory:") as connection:
                connection.execute("set memory_limit = '256MB'")
                connection.execute("set TimeZone = 'UTC'")
                connection.execute(
                    f"attach {literal(str(file))} as built (storage_version '{_STORAGE_VERSION}')"
                )
                views.create(connection, views.all_names, "built")
                connection.execute("checkpoint built")
                connection.execute("detach built")
        except duckdb.Error as error:
            message = f"Building {path} failed: {str(error)[:500]}"
            raise StorageError(message) from error


@contextmanager
def _attachable(path: Path) -> Iterator[Path]:
    """Where to build a file: elsewhere if DuckDB takes its path for another one.

    A question mark begins parameters, and a backslash is a slash. A copy of the file in another
    folder opens everywhere, since its views name their files absolutely.
    """
    if "?" not in str(path) and "\\" not in str(path):
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder, "catalog.duckdb")
        yield built
        shutil.copyfile(built, path)
