"""The SQLite file of the embedded store: opening, schema, and what to do when it is corrupt."""

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import structlog

_FORMAT = 1
_BUSY_SECONDS = 1.0
_RETRY_SECONDS = 0.02
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_COMPANIONS = ("-wal", "-shm")
_SCHEMA = """
drop table if exists entries;
drop table if exists totals;
create table totals (bytes integer not null);
insert into totals values (0);
create table entries (
    id integer primary key,
    key text not null,
    vary text not null,
    source text not null,
    url text not null,
    received real not null,
    expires real not null,
    used integer not null,
    size integer not null,
    value blob not null,
    unique (key, vary)
);
create index entries_used on entries (used);
create trigger entries_added after insert on entries
    begin update totals set bytes = bytes + new.size; end;
create trigger entries_removed after delete on entries
    begin update totals set bytes = bytes - old.size; end;
create trigger entries_replaced after update of size on entries
    begin update totals set bytes = bytes + new.size - old.size; end;
"""
_log = structlog.get_logger()


class CacheDatabase:
    """One connection, opened on first use, for one thread.

    The file may be shared with other processes (write-ahead log, short waits for the writer).
    A file of another format is emptied; a corrupt one is set aside as `*.corrupt-<n>`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inode = 0

    def run[T](self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """The operation's result; after finding the file corrupt, on a new one.

        Raises:
            sqlite3.Error: locked for too long, full, or failing again.
            OSError: the folder cannot be used.
        """
        try:
            return operation(self._open())
        except sqlite3.DatabaseError as error:
            if not _is_corrupt(error):
                raise
            self._set_aside(error)
            return operation(self._open())

    def close(self) -> None:
        """Let go of the file; it can be opened again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = connection = sqlite3.connect(
                self._path, timeout=_BUSY_SECONDS, isolation_level=None
            )
            self._inode = self._path.stat().st_ino
            try:
                _prepare(connection)
            except sqlite3.Error as error:
                if not _is_corrupt(error):
                    self.close()
                raise
        return self._connection

    def _set_aside(self, error: sqlite3.Error) -> None:
        self.close()
        if not self._path.exists() or self._path.stat().st_ino != self._inode:
            return  # another process has done it already
        number = 1
        while (aside := self._path.with_name(f"{self._path.name}.corrupt-{number}")).exists():
            number += 1
        for ending in _COMPANIONS:
            companion = self._path.with_name(self._path.name + ending)
            if companion.exists():
                companion.replace(aside.with_name(aside.name + ending))
        self._path.replace(aside)
        _log.warning(
            "cache.file_set_aside", store=str(self._path), kept_as=aside.name, reason=str(error)
        )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Generator[None]:
    """All statements of the context or none."""
    connection.execute("begin immediate")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("rollback")
        raise
    connection.execute("commit")


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("pragma auto_vacuum = incremental")
    _use_write_ahead_log(connection)
    connection.execute("pragma synchronous = normal")
    connection.execute(f"pragma busy_timeout = {int(_BUSY_SECONDS * 1000)}")
    if _format(connection) == _FORMAT:
        return
    with transaction(connection):
        if _format(connection) != _FORMAT:
            for statement in _statements(_SCHEMA):
                connection.execute(statement)
            connection.execute(f"pragma user_version = {_FORMAT}")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """SQLite does not wait by itself here when another process is just creating the file."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal").fetchall()
        except sqlite3.OperationalError as error:
            if _is_corrupt(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _format(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("pragma user_version").fetchone()
    return int(version)


def _statements(script: str) -> Generator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _is_corrupt(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _CORRUPT
