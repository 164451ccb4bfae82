"""SQL over one version, in an in-memory DuckDB that can read nothing else."""

import difflib
import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from adapters.catalog.catalog_views import CatalogViews
from adapters.catalog.exact_types import exact
from adapters.catalog.interruptible_calls import InterruptibleCalls
from adapters.catalog.statement_gate import AdmittedStatement, admit
from application.ports.lake_files import LakeFiles
from application.ports.query_engine import Column, Query, QueryEngine, QueryResult
from domain.errors import QueryError, QueryTimeoutError, UsageError
from domain.manifest import Manifest
from domain.runs import Run
from domain.snapshots import Snapshot
from domain.sql_names import literal

_BATCH = 10_000
_LONGEST = 1_000_000  # seconds; eleven days
_UNKNOWN_TABLE = re.compile(r"Table with name (\S+) does not exist")
_DUCKDB_GUESS = re.compile(r"\nDid you mean [^\n]*")
_MEMORY = re.compile(r"\d{1,6}(\.\d{1,3})? ?([KMGT]i?B|%)", re.IGNORECASE)


class DuckDbQueryEngine(QueryEngine):
    """One connection a statement; it holds views of the tables that the statement names.

    The catalog file is never opened: no lock, no write-ahead log, nothing to write to.

    Args:
        root: the data folder.
        lake: has the files of the statement's tables below the root while it runs; None where
            all of them are there.
    """

    def __init__(self, root: Path, lake: LakeFiles | None = None) -> None:
        self._root = root.resolve()
        self._lake = lake

    def run(
        self,
        query: Query,
        manifest: Manifest,
        runs: Sequence[Run],
        snapshots: Sequence[Snapshot] = (),
    ) -> AbstractContextManager[QueryResult]:
        """Run one reading statement."""
        return self._run(query, CatalogViews(self._root, manifest, runs, snapshots), manifest)

    @contextmanager
    def _run(self, query: Query, views: CatalogViews, manifest: Manifest) -> Generator[QueryResult]:
        if not _MEMORY.fullmatch(query.memory.strip()):
            message = f"{query.memory!r} is not an amount of memory: write 512MB or 2GB."
            raise UsageError(message)
        if not 0 < query.timeout <= _LONGEST:
            message = f"{query.timeout:g} is not a time limit: give seconds, at most {_LONGEST}."
            raise UsageError(message)
        with (
            duckdb.connect(":memory:") as connection,
            closing(InterruptibleCalls(connection.interrupt)) as calls,
            _translated(query, views),
        ):
            names = _named(admit(connection, query.sql), views)
            with self._lake.hold(manifest, names) if self._lake else nullcontext():
                self._prepare(connection, views, names, query)
                yield DuckDbQueryResult(connection, calls, query, views)

    def _prepare(
        self,
        connection: duckdb.DuckDBPyConnection,
        views: CatalogViews,
        names: Sequence[str],
        query: Query,
    ) -> None:
        for setting in (
            f"memory_limit = {literal(query.memory.strip())}",
            "temp_directory = ''",
            "TimeZone = 'UTC'",
            "python_enable_replacements = false",
            "autoinstall_known_extensions = false",
            "autoload_known_extensions = false",
            "allow_community_extensions = false",
            "allow_persistent_secrets = false",
        ):
            connection.execute(f"set {setting}")
        search_path = views.create(connection, names, "memory")
        files = ", ".join(literal(path) for path in views.files(names))
        for setting in (
            f"search_path = {literal(search_path)}",
            f"allowed_paths = [{files}]",
            "enable_external_access = false",
            f"max_execution_time = {max(1, int(query.timeout * 1000))}",
            "lock_configuration = true",
        ):
            connection.execute(f"set {setting}")


class DuckDbQueryResult(QueryResult):
    """A running statement."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        calls: InterruptibleCalls,
        query: Query,
        views: CatalogViews,
    ) -> None:
        self._calls = calls
        self._query = query
        self._views = views
        relation = _bound(connection, query)
        self._columns = [
            Column(name, str(kind))
            for name, kind in zip(relation.columns, relation.types, strict=True)
        ]
        self._reader = calls.call(lambda: exact(relation).to_arrow_reader(_BATCH))

    @property
    def columns(self) -> Sequence[Column]:
        """Names and SQL types."""
        return self._columns

    @property
    def arrow_schema(self) -> Any:
        """Names and Arrow types."""
        return self._reader.schema

    def batches(self) -> Iterator[Any]:
        """Arrow record batches."""
        while (batch := self._next()) is not None:
            yield batch

    def _next(self) -> Any:
        """Arrow hands an engine's error on as an OSError."""
        with _translated(self._query, self._views):
            try:
                return self._calls.call(lambda: next(self._reader, None))
            except OSError as error:
                raise duckdb.Error(str(error)) from error


def _bound(connection: duckdb.DuckDBPyConnection, query: Query) -> duckdb.DuckDBPyRelation:
    """The statement, ready to run.

    Only `execute` puts the line with the caret into its errors, and only `sql` streams: what `sql`
    cannot bind is given to `execute`, which fails likewise, before anything runs.
    """
    parameters = dict(query.parameters) or None
    try:
        relation = connection.sql(query.sql, params=parameters)
    except (duckdb.BinderException, duckdb.CatalogException):
        connection.execute(query.sql, parameters)
        raise
    if relation is None:
        message = "The statement has no result."
        raise QueryError(message)
    return relation


@contextmanager
def _translated(query: Query, views: CatalogViews) -> Generator[None]:
    """DuckDB's errors in the words of the domain."""
    try:
        yield
    except duckdb.InterruptException as error:
        message = f"The query took longer than {query.timeout:g} seconds (--timeout)."
        raise QueryTimeoutError(message) from error
    except (duckdb.Error, pa.ArrowException) as error:
        text = str(error)
        if "max_execution_time" in text or "INTERRUPT" in text:
            message = f"The query took longer than {query.timeout:g} seconds (--timeout)."
            raise QueryTimeoutError(message) from error
        raise QueryError(_with_suggestion(text, views)) from error


def _with_suggestion(text: str, views: CatalogViews) -> str:
    unknown = _UNKNOWN_TABLE.search(text)
    if unknown is None:
        return text
    text = _DUCKDB_GUESS.sub("", text)  # only the views of the statement exist for DuckDB
    names = views.table_names
    short = {name.partition(".")[2]: name for name in names}
    near = difflib.get_close_matches(unknown[1].rstrip("!"), [*names, *short], n=3, cutoff=0.5)
    if near:
        return f"{text}\nNearest tables here: {', '.join(dict.fromkeys(near))}."
    return f"{text}\nTables here: {', '.join(names)}."


def _named(statement: AdmittedStatement, views: CatalogViews) -> list[str]:
    """The views that a statement needs; all of them when it may look at anything."""
    names = views.table_names
    if statement.tables is None:
        return names
    wanted = {each.lower().removeprefix("memory.") for each in statement.tables}
    return [name for name in names if name in wanted or name.partition(".")[2] in wanted]
