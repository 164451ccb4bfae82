"""Views over the files of one version, and the `meta` schema, in a DuckDB connection."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from adapters.catalog.meta_tables import meta_tables
from domain.manifest import Manifest, TableVersion
from domain.runs import Run
from domain.sql_names import literal, quoted, sql_type

META = "meta"
_QUARANTINE = (
    "run_id varchar, table_name varchar, rule varchar, reason varchar, key varchar, "
    "record varchar, fetched_at timestamptz"
)


class CatalogViews:
    """Makes the views of one version.

    Args:
        root: the data folder; views name its files absolutely, since DuckDB resolves relative
            names against the working directory of whoever opens the catalog.
    """

    def __init__(self, root: Path, manifest: Manifest, runs: Sequence[Run]) -> None:
        self._root = root
        self._manifest = manifest
        self._runs = runs

    @property
    def table_names(self) -> list[str]:
        """Qualified names of all tables that a query may use."""
        meta = [f"{META}.{name}" for name in meta_tables(self._manifest, ())]
        return [*sorted(self._manifest.tables), *meta, f"{META}.quarantine"]

    def files(self, names: Iterable[str]) -> list[str]:
        """Absolute paths of the files behind the named tables."""
        found: list[str] = []
        for name in names:
            if name in self._manifest.tables:
                found.extend(self._paths(self._manifest.tables[name]))
            elif name == f"{META}.quarantine":
                found.extend(self._quarantine_files())
        return found

    def create(
        self, connection: duckdb.DuckDBPyConnection, names: Iterable[str], database: str
    ) -> str:
        """Create schemas and the named tables in a database; returns the search path.

        Raises:
            duckdb.Error: a file of the version is missing or broken.
        """
        wanted = list(names)
        domains = sorted({name.partition(".")[0] for name in self._manifest.tables} - {META})
        for schema in (*domains, META):
            connection.execute(f"create schema if not exists {database}.{quoted(schema)}")
        for name in wanted:
            domain, _, table = name.partition(".")
            where = f"{database}.{quoted(domain)}.{quoted(table)}"
            if name in self._manifest.tables:
                connection.execute(_view(where, self._manifest.tables[name], self._root))
            elif name == f"{META}.quarantine":
                connection.execute(_quarantine_view(where, self._quarantine_files()))
        self._create_meta(connection, wanted, database)
        return ",".join(["main", *domains, META])

    def _create_meta(
        self, connection: duckdb.DuckDBPyConnection, wanted: list[str], database: str
    ) -> None:
        if not any(name.startswith(f"{META}.") for name in wanted):
            return
        for name, rows in meta_tables(self._manifest, self._runs).items():
            if f"{META}.{name}" in wanted:
                connection.register("meta_rows", rows)
                connection.execute(
                    f"create table {database}.{META}.{quoted(name)} as from meta_rows"
                )
                connection.unregister("meta_rows")

    def _paths(self, table: TableVersion) -> list[str]:
        return [
            str(self._root / file.path)
            for dataset in table.datasets.values()
            for file in dataset.files
        ]

    def _quarantine_files(self) -> list[str]:
        return sorted(map(str, self._root.glob("quarantine/*/*/target=*/run=*.parquet")))


def _view(where: str, table: TableVersion, root: Path) -> str:
    columns = ", ".join(quoted(name) for name in table.schema.names)
    paths = [str(root / file.path) for dataset in table.datasets.values() for file in dataset.files]
    if not paths:
        typed = ", ".join(
            f"null::{sql_type(field.type)} as {quoted(field.name)}" for field in table.schema.fields
        )
        return f"create view {where} as select {typed} where false"
    files = f"{_parquet(paths)}, union_by_name = {_differ(table)})"
    return f"create view {where} as select {columns} from {files}"  # noqa: S608  # all quoted


def _differ(table: TableVersion) -> str:
    """Files of other runs may have been written under an earlier schema."""
    runs = {dataset.run_id for dataset in table.datasets.values()}
    return "true" if len(runs) > 1 else "false"


def _quarantine_view(where: str, paths: list[str]) -> str:
    if not paths:
        typed = ", ".join(
            f"null::{kind} as {name}"
            for name, kind in (each.split() for each in _QUARANTINE.split(", "))
        )
        return f"create view {where} as select {typed} where false"
    return f"create view {where} as from {_parquet(paths)})"


def _parquet(paths: Sequence[str]) -> str:
    """The beginning of a call; without care, `target=x` in a path would replace such a column."""
    listed = ", ".join(literal(path) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false"
