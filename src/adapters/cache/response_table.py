"""The rows of the embedded store; blocking, for one thread."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import batched
from pathlib import Path
from typing import Any

import structlog

from adapters.cache.absent_keys import AbsentKeys
from adapters.cache.cache_database import CacheDatabase, stored_bytes, transaction
from adapters.cache.entry_inserts import entry_inserts
from adapters.cache.entry_rows import SIZE_AT, Entry, EntryRows, Row, stored_key
from adapters.cache.response_codec import ResponseCodec
from application.ports.clock import Clock
from application.ports.response_cache import DERIVED, PurgeFilter
from domain.http_caching.stored_response import StoredResponse

_KEYS_PER_SELECT = 500
_STAMP_SECONDS = 6 * 3600
_MOST_STAMPS = 4096
_PAGE_SHARE = 2  # a page may be half empty
_EVICT_DOWN_TO = 0.9
_LOOK_SHARE = 64
_DELETE_BATCH = 500
_FORGET = "delete from entries where key = ?"
_MATCHES = f"""
from entries where (:source is null or source = :source)
    and (substr(url, 1, length(:prefix)) = :prefix or substr(url, 1, {len(DERIVED)}) = '{DERIVED}')
    and received < :before
"""
_log = structlog.get_logger()


class ResponseTable:
    """Rows of encoded answers, bounded by their size; the least recently used leave first.

    What counts is the part of the file that is in use, so that several processes share one bound.
    When an entry was last used is written at most every six hours, together with other writes.
    All methods raise sqlite3.Error or OSError when the file cannot be used.

    Args:
        path: of the file.
        max_bytes: bound of the stored size.
        clock: tells when entries expire and were used.
        absent: is shown the file after each read and write.
    """

    def __init__(self, path: Path, max_bytes: int, clock: Clock, absent: AbsentKeys) -> None:
        self._database = CacheDatabase(path)
        self._absent = absent
        self._store = str(path)
        self._max_bytes = max_bytes
        self._clock = clock
        self._codec = ResponseCodec()
        self._rows = EntryRows(self._store, max_bytes, clock)
        self._stamps: dict[int, int] = {}
        self._unseen = max_bytes  # bytes written, at most, since the file was looked at

    def read(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        """The variants of each key that has any; damaged rows are dropped."""
        found, damaged = self._visit(lambda connection: self._read(connection, keys))
        if damaged:
            _log.warning("cache.entries_damaged", store=self._store, entries=len(damaged))
            self._delete_ids(damaged)
        if len(self._stamps) >= _MOST_STAMPS:
            self.write(())
        return found

    def write(self, entries: Iterable[Row | Entry], doomed: Sequence[str] = ()) -> None:
        """Store the entries, later ones in place of earlier ones; one transaction.

        Args:
            entries: to be stored.
            doomed: keys whose rows are dropped before.
        """
        encoded = (self._rows.row(*e) if isinstance(e, Entry) else e for e in entries)
        rows = [row for row in encoded if row is not None]
        stamps, self._stamps = self._stamps, {}
        self._visit(lambda connection: self._write(connection, rows, stamps, doomed))

    def delete(self, keys: Iterable[str]) -> None:
        """Drop all variants of the keys."""
        rows = [(stored_key(key),) for key in keys]
        self._database.run(lambda c: c.executemany(_FORGET, rows))

    def sources(self) -> Mapping[str, tuple[int, int]]:
        """Entries and bytes by source."""
        query = (
            "select cast(source as blob), count(*), sum(size) from entries"
            " where expires > ? group by source"
        )
        now = (self._clock.timestamp(),)
        rows = self._database.run(lambda connection: connection.execute(query, now).fetchall())
        return {str(name, errors="replace"): (count, size) for name, count, size in rows}

    def count(self, which: PurgeFilter) -> int:
        """How many rows the filter matches."""
        query, conditions = f"select count(*) {_MATCHES}", self._conditions(which)
        rows = self._database.run(lambda c: c.execute(query, conditions).fetchall())
        return int(rows[0][0])

    def purge(self, which: PurgeFilter) -> int:
        """Drop what the filter matches, in steps that let other processes write; how many."""
        return self._database.run(lambda connection: self._purge(connection, which))

    def close(self) -> None:
        """Write the stamps and let go of the file."""
        try:
            if self._stamps:
                self.write(())
        finally:
            self._database.close()

    def _visit[T](self, operation: Callable[[sqlite3.Connection], T]) -> T:
        def visit(connection: sqlite3.Connection) -> T:
            result = operation(connection)
            self._absent.look(connection)
            return result

        return self._database.run(visit)

    def _read(
        self, connection: sqlite3.Connection, keys: Sequence[str]
    ) -> tuple[dict[str, list[StoredResponse]], list[tuple[int]]]:
        found: dict[str, list[StoredResponse]] = {}
        damaged: list[tuple[int]] = []
        now = self._clock.timestamp()
        stamp = int(now)
        for some in batched(keys, _KEYS_PER_SELECT):
            asked = {stored_key(key): key for key in some}
            places = ",".join("?" * len(asked))
            query = (
                "select key, id, used < ?, value from entries"  # noqa: S608 - only question marks are put in
                f" where key in ({places}) and expires > ?"
            )
            rows = connection.execute(query, (stamp - _STAMP_SECONDS, *asked, now))
            for place, identity, is_old, value in rows:
                key = asked.get(place)
                variants = None if key is None else self._codec.decode(value, key)
                if key is None or variants is None:
                    damaged.append((identity,))
                    continue
                if is_old:
                    self._stamps[identity] = stamp
                if key in found:
                    found[key] += variants
                else:
                    found[key] = variants
        return found, damaged

    def _write(
        self,
        connection: sqlite3.Connection,
        rows: Sequence[Row],
        stamps: Mapping[int, int],
        doomed: Sequence[str],
    ) -> None:
        incoming = _PAGE_SHARE * sum([row[SIZE_AT] for row in rows])
        has_room = self._has_room(connection, incoming)
        inserts = [*entry_inserts(rows)]
        if has_room and len(inserts) == 1 and not stamps and not doomed:
            connection.execute(*inserts[0])  # a transaction by itself, in one visit
            return
        with transaction(connection):
            if stamps:
                connection.executemany(
                    "update entries set used = ? where id = ?",
                    [(stamp, identity) for identity, stamp in stamps.items()],
                )
            if doomed:
                connection.executemany(_FORGET, [(stored_key(key),) for key in doomed])
            if not has_room:
                self._evict(connection, self._max_bytes - incoming)
            for statement, values in inserts:
                connection.execute(statement, values)

    def _has_room(self, connection: sqlite3.Connection, incoming: int) -> bool:
        """Whether so many bytes fit; the file is looked at each time that a share is written."""
        share = self._max_bytes // _LOOK_SHARE
        self._unseen += incoming
        if self._unseen <= share:
            return True
        self._unseen = incoming
        return stored_bytes(connection) + max(share, incoming) <= self._max_bytes

    def _evict(self, connection: sqlite3.Connection, room: int) -> None:
        """Make room: what has expired goes first, then what was used longest ago.

        Freed pages are used again, so that the file grows no further.
        """
        now = self._clock.timestamp()
        connection.execute("delete from entries where expires < ?", (now,))
        target = min(room, int(self._max_bytes * _EVICT_DOWN_TO))
        oldest = "select id, size from entries order by used, id limit ?"
        while (excess := stored_bytes(connection) - target) > 0:
            doomed: list[tuple[int]] = []
            for identity, size in connection.execute(oldest, (_DELETE_BATCH,)).fetchall():
                if excess > 0:
                    doomed.append((identity,))
                    excess -= size
            if not doomed:
                return
            connection.executemany("delete from entries where id = ?", doomed)

    def _purge(self, connection: sqlite3.Connection, which: PurgeFilter) -> int:
        conditions = self._conditions(which)
        doomed = connection.execute(f"select id {_MATCHES}", conditions).fetchall()
        delete = "delete from entries where id = ? and received < ?"
        purged = 0
        for some in batched(doomed, _DELETE_BATCH):
            with transaction(connection):
                rows = [(identity, conditions["before"]) for (identity,) in some]
                purged += connection.executemany(delete, rows).rowcount
            _give_back(connection)
        return purged

    def _conditions(self, which: PurgeFilter) -> Mapping[str, Any]:
        before = float("inf")
        if which.older_than is not None:
            before = self._clock.timestamp() - which.older_than.total_seconds()
        return {"source": which.source, "prefix": which.url_prefix or "", "before": before}

    def _delete_ids(self, rows: Sequence[tuple[int]]) -> None:
        self._database.run(lambda c: c.executemany("delete from entries where id = ?", rows))


def _give_back(connection: sqlite3.Connection) -> None:
    """Free pages return to the file system."""
    connection.execute("pragma incremental_vacuum").fetchall()
