"""The SQLite file of the embedded store: opening, schema, and what to do when it is corrupt."""

import sqlite3
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import structlog

_APPLICATION = 0x41445043  # "ADPC": tells our file from another program's
_FORMAT = 6
_BUSY_SECONDS = 1.0
_RETRY_SECONDS = 0.02
_PAGE_BYTES = 8192
"""Of a new file; with pages half as long a write takes a sixth more time."""
_LOG_BYTES = 8 * 1024 * 1024
_MOST_SET_ASIDE = 3
_DAMAGED = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_SCHEMA,
        sqlite3.SQLITE_ERROR,  # our statements are right, so it is the tables that are not
    }
)
_COMPANIONS = ("-wal", "-shm")
_SCHEMA = """
drop table if exists entries;
create table entries (
    id integer primary key,
    key integer not null,
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
create index entries_expires on entries (expires, source, size);
"""
_STORED_BYTES = """
select (page_count - freelist_count) * page_size
from pragma_page_count, pragma_freelist_count, pragma_page_size
"""
_log = structlog.get_logger()


class _ForeignFileError(sqlite3.DatabaseError):
    """The file is a database, but another program's."""


class CacheDatabase:
    """One connection, opened on first use, for one thread.

    The file may be shared with other processes (write-ahead log, short waits for the writer).
    A file of another format is emptied; one that is corrupt or another program's is set aside as
    `*.corrupt-<n>`, of which the last three are kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._inode = 0

    def run[T](self, operation: Callable[[sqlite3.Connection], T]) -> T:
        """The operation's result; after finding the file damaged, on a new one.

        Raises:
            sqlite3.Error: locked for too long, full, or failing again.
            OSError: the folder cannot be used.
        """
        try:
            return operation(self._open())
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if _is_damage(error):
                self._set_aside(error)
                return operation(self._open())
            if not _is_busy(error):
                self.close()  # a file that was cut short is found damaged when opened again
            raise

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
            except BaseException:
                self.close()
                raise
        return self._connection

    def _set_aside(self, error: Exception) -> None:
        self.close()
        if not self._path.exists() or self._path.stat().st_ino != self._inode:
            return  # another process has done it already
        aside = self._place_aside()
        for ending in _COMPANIONS:
            companion = self._path.with_name(self._path.name + ending)
            if companion.exists():
                companion.replace(aside.with_name(aside.name + ending))
        self._path.replace(aside)
        _log.warning(
            "cache.file_set_aside", store=str(self._path), kept_as=aside.name, reason=str(error)
        )

    def _place_aside(self) -> Path:
        kept = {
            int(number): each
            for each in self._path.parent.glob(f"{self._path.name}.corrupt-*")
            if (number := each.name.rpartition("-")[2]).isdecimal()
        }
        for old in sorted(kept, reverse=True)[_MOST_SET_ASIDE - 1 :]:
            for ending in ("", *_COMPANIONS):
                kept[old].with_name(kept[old].name + ending).unlink(missing_ok=True)
        return self._path.with_name(f"{self._path.name}.corrupt-{max(kept, default=0) + 1}")


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


def stored_bytes(connection: sqlite3.Connection) -> int:
    """Bytes of the file that are in use, as the file counts them."""
    (size,) = connection.execute(_STORED_BYTES).fetchone()
    return int(size)


def _prepare(connection: sqlite3.Connection) -> None:
    if _is_foreign(connection):
        message = "another program's database"
        raise _ForeignFileError(message)
    connection.execute(f"pragma page_size = {_PAGE_BYTES}")
    connection.execute("pragma auto_vacuum = incremental")
    _use_write_ahead_log(connection)
    connection.execute("pragma synchronous = normal")
    # What a statement may have to undo is kept beside it, in a file if it is much.
    connection.execute("pragma temp_store = memory")
    connection.execute(f"pragma journal_size_limit = {_LOG_BYTES}")
    if _number(connection, "user_version") == _FORMAT:
        return
    with transaction(connection):
        if _number(connection, "user_version") != _FORMAT:
            for statement in _statements(_SCHEMA):
                connection.execute(statement)
            connection.execute(f"pragma application_id = {_APPLICATION}")
            connection.execute(f"pragma user_version = {_FORMAT}")


def _is_foreign(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("select count(*) from sqlite_master").fetchone()
    return tables > 0 and _number(connection, "application_id") != _APPLICATION


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """SQLite does not wait by itself here when another process is just creating the file."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("pragma journal_mode = wal").fetchall()
        except sqlite3.OperationalError as error:
            if _is_damage(error) or time.monotonic() > deadline:
                raise
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _number(connection: sqlite3.Connection, name: str) -> int:
    (number,) = connection.execute(f"pragma {name}").fetchone()
    return int(number)


def _statements(script: str) -> Generator[str]:
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _is_damage(error: Exception) -> bool:
    """A name that is no text any more makes Python fail at telling what SQLite has found."""
    if isinstance(error, (_ForeignFileError, UnicodeDecodeError)):
        return True
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code == sqlite3.SQLITE_IOERR_SHORT_READ or code & 0xFF in _DAMAGED


def _is_busy(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
