"""Views over the files of one version, and the `meta` schema, in a DuckDB connection."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from adapters.catalog.catalog_names import META, META_TABLES, QUARANTINE, CatalogNames
from adapters.catalog.macros.table_macros import TableMacro, named_macros
from adapters.catalog.meta_tables import meta_table
from domain.errors import QueryError, StorageError
from domain.manifest import Manifest, TableVersion
from domain.runs import Run
from domain.snapshots import Snapshot
from domain.sql_names import literal, quoted, sql_type

_WILDCARD = re.compile(r"[*?\[]")
_KEPT_OUT = (
    "run_id varchar, table_name varchar, rule varchar, reason varchar, key varchar, "
    "record varchar, fetched_at timestamptz"
)


class CatalogViews:
    """Makes the views of one version.

    Args:
        root: the data folder; views name its files absolutely, since DuckDB resolves relative
            names against the working directory of whoever opens the catalog.
        runs, snapshots: for the `meta` schema; looked at only when a table of it needs them.
        meta: tables of the `meta` schema that are already made; all that are asked for.
    """

    def __init__(
        self,
        root: Path,
        manifest: Manifest,
        runs: Sequence[Run],
        snapshots: Sequence[Snapshot] = (),
        meta: Mapping[str, pa.Table] | None = None,
    ) -> None:
        self._root = root
        self._manifest = manifest
        self._runs = runs
        self._snapshots = snapshots
        self._meta = meta
        self._names = CatalogNames(manifest)

    @property
    def all_names(self) -> list[str]:
        """Qualified names of all tables and macros of the version."""
        return self._names.meant(None)

    def files(self, names: Iterable[str]) -> list[str]:
        """Absolute paths of the files behind the named tables and macros.

        Where a path has wildcards in it, also the pattern under which DuckDB opens it.
        """
        found: list[str] = []
        for name in self._names.tables_of(names):
            if name in self._manifest.tables:
                found.extend(self._paths(self._manifest.tables[name]))
            elif name == QUARANTINE:
                found.extend(self._quarantine_files())
        return list(dict.fromkeys([*found, *map(_pattern, found)]))

    def create(
        self, connection: duckdb.DuckDBPyConnection, names: Iterable[str], database: str
    ) -> str:
        """Create schemas and what is named in a database; returns the search path.

        Names are qualified names of tables, and names of macros, which need not be qualified.

        Raises:
            duckdb.Error: a file of the version is missing or broken.
            QueryError: a macro reads a table that the version does not have.
        """
        names = list(names)
        macros = self._usable(named_macros(names))
        wanted = self._names.tables_of(names)
        domains = sorted({name.partition(".")[0] for name in self._manifest.tables} - {META})
        for schema in (*domains, META):
            connection.execute(f"create schema if not exists {database}.{quoted(schema)}")
        for name in wanted:
            domain, _, table = name.partition(".")
            where = f"{database}.{quoted(domain)}.{quoted(table)}"
            if name in self._manifest.tables:
                connection.execute(_view(where, self._manifest.tables[name], self._root))
            elif name == QUARANTINE:
                connection.execute(_quarantine_view(where, self._quarantine_files()))
        self._create_meta(connection, wanted, database)
        if macros:
            connection.execute(f"use {database}")
            for macro in macros:
                connection.execute(macro.sql)
            connection.execute("use memory")
        return ",".join(["main", *domains, META])

    def _usable(self, macros: Sequence[TableMacro]) -> list[TableMacro]:
        """Those that have their tables; a short name may mean others that have not."""
        usable = [each for each in macros if not self._names.missing(each)]
        served = {each.name.partition(".")[2] for each in usable}
        for macro in macros:
            if macro.name.partition(".")[2] not in served:
                (table, *_) = self._names.missing(macro)
                domain = table.partition(".")[0]
                message = (
                    f"{macro.signature} reads {table}, and nothing of it is published yet. "
                    f"Begin with: app ingest {domain} TARGET"
                )
                raise QueryError(message)
        return usable

    def _create_meta(
        self, connection: duckdb.DuckDBPyConnection, wanted: list[str], database: str
    ) -> None:
        for name in META_TABLES:
            if f"{META}.{name}" in wanted:
                rows = (
                    meta_table(name, self._manifest, self._runs, self._snapshots)
                    if self._meta is None
                    else self._meta[name]
                )
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
    """Whether files may have other columns than the first one; then DuckDB opens them all first."""
    shapes = {dataset.shape or dataset.run_id for dataset in table.datasets.values()}
    return "true" if len(shapes) > 1 else "false"


def _quarantine_view(where: str, paths: list[str]) -> str:
    if not paths:
        typed = ", ".join(
            f"null::{kind} as {name}"
            for name, kind in (each.split() for each in _KEPT_OUT.split(", "))
        )
        return f"create view {where} as select {typed} where false"
    return f"create view {where} as from {_parquet(paths)})"


def _parquet(paths: Sequence[str]) -> str:
    """The beginning of a call; without care, `target=x` in a path would replace such a column."""
    listed = ", ".join(literal(_pattern(path)) for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false"


def _pattern(path: str) -> str:
    """A path as DuckDB's read functions take it: they look for wildcards in it.

    Raises:
        StorageError: there is no pattern for it.
    """
    if _WILDCARD.search(path) is None:
        return path
    if "\\" in path:
        message = (
            f"DuckDB cannot open {path}: it has both a backslash and one of * ? [ in its name. "
            "Rename the folder, or choose another one with APP_DATA_DIR."
        )
        raise StorageError(message)
    return _WILDCARD.sub(lambda found: f"[{found[0]}]", path)
