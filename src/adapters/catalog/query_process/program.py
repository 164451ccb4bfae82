"""What runs in the process. It says nothing but messages.

It ends when its statement does, or the program that began it.
"""

import contextlib
import json
import os
import threading
from pathlib import Path
from typing import Any

import duckdb

from adapters.catalog.catalog_views import CatalogViews
from adapters.catalog.exact_types import exact
from adapters.catalog.query_errors import translated
from adapters.catalog.query_process.arrow_streams import packed_rows, unpacked_table
from adapters.catalog.query_process.frames import EndedError, Kind, packed, read_frame
from adapters.catalog.query_process.limits import confine, confine_files
from adapters.catalog.statement_gate import admit
from domain.errors import PipelineError, QueryError, StatementRefusedError
from domain.manifest_json import manifest_from_json
from domain.sql_names import literal

_BATCH = 10_000  # rows
_STDIN, _STDOUT = 0, 1
_ANSWERS = 3  # a descriptor that no library writes to


def main() -> None:
    """Serve one statement, unless nobody wants it any more."""
    os.dup2(_STDOUT, _ANSWERS)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, _STDOUT)
    os.close(silence)
    with contextlib.suppress(EndedError, BrokenPipeError):
        _main()


def _main() -> None:
    with duckdb.connect(":memory:") as connection:
        connection.execute("select 1").fetchall()
        _say(Kind.READY, b"")
        try:
            _serve(connection, json.loads(_told(Kind.ORDER)))
        except StatementRefusedError as error:
            _say_error(error, error.what)
        except PipelineError as error:
            _say_error(error, str(error))
        except MemoryError:
            words = "The query needs more memory than it may have (--memory)."
            _say_error(QueryError(words), words)


def _serve(connection: duckdb.DuckDBPyConnection, order: dict[str, Any]) -> None:
    confine(order["memory"], order["timeout"])
    with translated(order["timeout"], order["tables"]):
        statement = admit(
            connection, order["sql"], macros=order["macros"], files=bool(order["files"])
        )
        names = None if statement.tables is None else sorted(statement.tables)
        _say(Kind.NAMES, json.dumps(names).encode())
        version = json.loads(_told(Kind.VERSION))
        meta = {name: unpacked_table(_told(Kind.META)) for name in version["meta"]}
        views = CatalogViews(
            Path(version["root"]), manifest_from_json(version["manifest"].encode()), (), (), meta
        )
        _watch()
        _prepare(connection, views, version["names"], order)
        relation = _bound(connection, order["sql"], order["parameters"])
        columns = [
            (name, str(kind)) for name, kind in zip(relation.columns, relation.types, strict=True)
        ]
        reader = exact(relation).to_arrow_reader(_BATCH)
        schema = packed_rows(reader.schema, ())
        _say(Kind.COLUMNS, json.dumps(columns).encode() + b"\n" + schema)
        for batch in reader:
            _say(Kind.ROWS, packed_rows(reader.schema, (batch,)))
        _say(Kind.END, b"")


def _prepare(
    connection: duckdb.DuckDBPyConnection,
    views: CatalogViews,
    names: list[str],
    order: dict[str, Any],
) -> None:
    for setting in (
        f"memory_limit = '{order['memory']}B'",
        "temp_directory = ''",
        "TimeZone = 'UTC'",
        "enable_progress_bar = false",  # it would stand among the messages after two seconds
        "python_enable_replacements = false",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        "allow_persistent_secrets = false",
    ):
        connection.execute(f"set {setting}")
    search_path = views.create(connection, names, "memory")
    files = [*views.files(names), *order["files"]]
    os.chdir(order["folder"])
    confine_files(len(files))
    for setting in (
        f"search_path = {literal(search_path)}",
        f"allowed_paths = [{', '.join(map(literal, files))}]",
        "enable_external_access = false",
        f"max_execution_time = {max(1, int(order['timeout'] * 1000))}",
        "lock_configuration = true",
    ):
        connection.execute(f"set {setting}")


def _bound(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, str]
) -> duckdb.DuckDBPyRelation:
    """The statement, ready to run.

    Only `execute` puts the line with the caret into its errors, and only `sql` streams: what `sql`
    cannot bind is given to `execute`, which fails likewise, before anything runs.
    """
    try:
        relation = connection.sql(sql, params=parameters or None)
    except (duckdb.BinderException, duckdb.CatalogException):
        connection.execute(sql, parameters or None)
        raise
    if relation is None:
        message = "The statement has no result."
        raise QueryError(message)
    return relation


def _told(kind: Kind) -> bytes:
    found, content = read_frame(lambda most: os.read(_STDIN, most))
    if found is not kind:
        raise EndedError
    return content


def _say_error(error: PipelineError, words: str) -> None:
    _say(Kind.ERROR, json.dumps([type(error).__name__, words]).encode())


def _say(kind: Kind, content: bytes) -> None:
    for part in (packed(kind, len(content)), content):
        left = memoryview(part)
        while left:
            left = left[os.write(_ANSWERS, left) :]


def _watch() -> None:
    """End with the program that began this one: it writes nothing more, and then closes."""

    def wait() -> None:
        while os.read(_STDIN, 1):
            pass
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
