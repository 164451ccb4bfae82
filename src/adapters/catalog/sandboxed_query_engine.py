"""SQL over one version, each statement in a process of its own that can reach nothing else."""

import json
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from adapters.catalog.catalog_names import META, META_TABLES, CatalogNames
from adapters.catalog.macros.table_macros import table_macros
from adapters.catalog.own_files import own_files
from adapters.catalog.query_process.frames import Kind
from adapters.catalog.query_process.limits import memory_bytes
from adapters.catalog.query_process.worker import QueryWorker, TimeUpError
from application.ports.lake_files import LakeFiles
from application.ports.query_engine import Column, Query, QueryEngine, QueryResult
from domain import errors
from domain.manifest import Manifest
from domain.manifest_json import manifest_to_json
from domain.runs import Run
from domain.snapshots import Snapshot

_LONGEST = 1_000_000  # seconds; eleven days
_START = 30.0  # seconds for a process to come up on a busy machine
_GRACE = 2.0  # seconds for the engine to end a statement by itself
_ERRORS = {
    each.__name__: each
    for each in (errors.QueryError, errors.QueryTimeoutError, errors.StorageError)
}


class SandboxedQueryEngine(QueryEngine):
    """Hands each statement to a worker that waits, or to a new one.

    The worker judges the statement first and says which tables it reads; then it gets the files
    of these, and rows of `meta` where it needs some.

    Args:
        root: the data folder.
        lake: has the files of the statement's tables below the root while it runs; None where
            all of them are there.
        ready: how many workers wait for statements, once one has been asked for.
    """

    def __init__(self, root: Path, lake: LakeFiles | None = None, *, ready: int = 0) -> None:
        self._root = root.resolve()
        self._lake = lake
        self._ready = ready
        self._waiting: list[QueryWorker] = []
        self._lock = threading.Lock()

    def warm_up(self) -> None:
        """Start a worker, unless one waits already."""
        with self._lock:
            if not self._waiting:
                self._waiting.append(QueryWorker())

    def close(self) -> None:
        """End the workers that wait."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for worker in waiting:
            worker.end()

    def run(
        self,
        query: Query,
        manifest: Manifest,
        runs: Sequence[Run],
        snapshots: Sequence[Snapshot] = (),
    ) -> AbstractContextManager[QueryResult]:
        """Run one reading statement."""
        return self._run(query, manifest, runs, snapshots)

    @contextmanager
    def _run(
        self, query: Query, manifest: Manifest, runs: Sequence[Run], snapshots: Sequence[Snapshot]
    ) -> Generator[QueryResult]:
        order = _order(query, manifest)
        worker = self._taken()
        try:
            from adapters.catalog.meta_tables import meta_table  # Arrow loads beside the worker
            from adapters.catalog.query_process.arrow_streams import packed_rows

            talk = _Talk(worker, query, order["memory"])
            worker.tell(Kind.ORDER, json.dumps(order).encode())
            known = CatalogNames(manifest)
            names = known.meant(json.loads(talk.expect(Kind.NAMES)))
            tables = known.tables_of(names)
            held = self._lake.hold(manifest, tables) if self._lake else nullcontext(self._root)
            with held as root:
                part = {name: each for name, each in manifest.tables.items() if name in tables}
                meta = [name for name in META_TABLES if f"{META}.{name}" in tables]
                version = {
                    "root": str(root),
                    "manifest": manifest_to_json(replace(manifest, tables=part)).decode(),
                    "names": names,
                    "meta": meta,
                }
                worker.tell(Kind.VERSION, json.dumps(version).encode())
                for name in meta:
                    rows = meta_table(name, manifest, runs, snapshots)
                    worker.tell(Kind.META, packed_rows(rows.schema, rows.to_batches()))
                yield ProcessResult(talk, query)
        finally:
            worker.end()

    def _taken(self) -> QueryWorker:
        with self._lock:
            while self._waiting:
                worker = self._waiting.pop(0)
                if worker.is_waiting:
                    break
                worker.end()
            else:
                worker = QueryWorker()
            self._waiting.extend(QueryWorker() for _ in range(self._ready - len(self._waiting)))
        return worker


class ProcessResult(QueryResult):
    """What a worker sends."""

    def __init__(self, talk: "_Talk", query: Query) -> None:
        self._talk = talk
        self._query = query
        from adapters.catalog.query_process.arrow_streams import unpacked_schema

        columns, _, schema = talk.expect(Kind.COLUMNS).partition(b"\n")
        self._columns = [Column(name, kind) for name, kind in json.loads(columns)]
        self._schema = unpacked_schema(schema)

    @property
    def columns(self) -> Sequence[Column]:
        """Names and SQL types."""
        return self._columns

    @property
    def arrow_schema(self) -> Any:
        """Names and Arrow types."""
        return self._schema

    def batches(self) -> Iterator[Any]:
        """Arrow record batches."""
        from adapters.catalog.query_process.arrow_streams import unpacked_rows

        rows = size = 0
        for stream in self._talk.parts():
            size += len(stream)
            _check("bytes", size, self._query.max_bytes)
            for batch in unpacked_rows(stream):
                rows += batch.num_rows
                _check("rows", rows, self._query.max_rows)
                yield batch


class _Talk:
    """The messages of a worker, its errors raised here."""

    def __init__(self, worker: QueryWorker, query: Query, memory: int) -> None:
        worker.be_patient(_START, 2 * memory)
        self._answers = worker.answers()
        self._query = query
        self.expect(Kind.READY)
        worker.be_patient(query.timeout + _GRACE)

    def expect(self, kind: Kind) -> bytes:
        """The content of the next message, which must be of a kind."""
        found, content = self._next()
        if found is not kind:
            message = f"The query's process said {found.name} where {kind.name} belongs."
            raise errors.QueryError(message)
        return content

    def parts(self) -> Iterator[bytes]:
        """The rows, up to the end."""
        while True:
            kind, content = self._next()
            if kind is Kind.END:
                return
            yield content

    def _next(self) -> tuple[Kind, bytes]:
        try:
            kind, content = next(self._answers)
        except TimeUpError as error:
            message = f"The query took longer than {self._query.timeout:g} seconds (--timeout)."
            raise errors.QueryTimeoutError(message) from error
        if kind is Kind.ERROR:
            name, words = json.loads(content)
            if name == errors.StatementRefusedError.__name__:
                raise errors.StatementRefusedError(words)
            raise _ERRORS.get(name, errors.QueryError)(words)
        return kind, content


def _order(query: Query, manifest: Manifest) -> dict[str, Any]:
    if not 0 < query.timeout <= _LONGEST:
        message = f"{query.timeout:g} is not a time limit: give seconds, at most {_LONGEST}."
        raise errors.UsageError(message)
    return {
        "sql": query.sql,
        "parameters": dict(query.parameters),
        "timeout": query.timeout,
        "memory": memory_bytes(query.memory),
        "tables": CatalogNames(manifest).tables,
        "macros": list(table_macros()),
        "files": own_files(query.allowed_paths),
        "folder": str(Path.cwd()) if query.allowed_paths else "/",
    }


def _check(what: str, found: int, most: int | None) -> None:
    if most is not None and found > most:
        message = f"The result has more than {most:,} {what}. Ask for less, for example by LIMIT."
        raise errors.QueryError(message)
