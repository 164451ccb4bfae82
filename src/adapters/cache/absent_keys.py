"""Tells what the embedded store cannot have."""

import math
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from application.ports.clock import Clock

_MOST_KEYS = 50_000  # that are remembered, in 4 MB; a store with more is looked into as ever
_SECONDS = 0.25
_EMPTY = "select not exists (select 1 from entries)"
_VERSION = "pragma data_version"  # changes as soon as another connection has written

type _Seen = tuple[int, int, int]


class AbsentKeys:
    """Knows, without a visit to the file, that none of some keys is stored.

    That holds for a file that was empty when it was opened, as long as nobody else writes to it:
    then it has nothing but what was put since. So a first ingest looks for none of its answers.
    What others write is told by the file's log, and while we write as well, within 0.25 s.

    Args:
        path: of the database.
        clock: tells how old the knowledge is.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._log = path.with_name(f"{path.name}-wal")
        self._clock = clock
        self._put: set[int] = set()  # hashes: one that two keys have costs a look
        self._connection: sqlite3.Connection | None = None
        self._version = 0
        self._seen: _Seen | None = None
        self._is_open = True  # it may yet turn out that the file was empty
        self._looked_at = -math.inf

    # the event loop's calls

    def put(self, keys: set[str]) -> None:
        """The keys may be stored from now on."""
        if not self._is_open:
            self._put.clear()
            return
        self._put.update(map(hash, keys))
        self._is_open = len(self._put) <= _MOST_KEYS

    def has_none(self, keys: Iterable[str], *, is_writing: bool) -> bool:
        """Whether it is certain that no key is stored.

        Args:
            keys: to look for.
            is_writing: the file is changing by our own hand.
        """
        return (
            self._is_open
            and self._seen is not None
            and self._clock.monotonic() - self._looked_at < _SECONDS
            and (is_writing or self._seen == _seen(self._log))
            and self._put.isdisjoint(map(hash, keys))
        )

    # the store's thread's call

    def look(self, connection: sqlite3.Connection) -> None:
        """See whether the file is still ours alone, after each visit to it."""
        if not self._is_open:
            return
        seen = _seen(self._log)  # first: what is written later on makes it look different
        now = self._clock.monotonic()
        if now - self._looked_at < _SECONDS and connection is self._connection:
            self._seen = seen
            return
        (version,) = connection.execute(_VERSION).fetchone()
        if connection is self._connection:
            alone = version == self._version
        else:
            (alone,) = connection.execute(_EMPTY).fetchone()
        self._connection, self._version, self._looked_at = connection, version, now
        self._seen = seen
        if not alone:
            self._is_open = False


def _seen(log: Path) -> _Seen | None:
    """What tells one state of the log from the next."""
    try:
        found = log.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
