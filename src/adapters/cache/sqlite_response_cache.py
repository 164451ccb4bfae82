"""Answers in one SQLite file: the embedded store, for everyone without Redis.

A memory-mapped store such as LMDB reads faster, but when its file is cut short by a full or
failing disk, touching the missing part is a signal that ends the process, and no code can catch
it. SQLite reports the same damage as an error, which here is a miss; it comes with Python, and
a batched read costs little beside decoding the answers.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from adapters.cache.absent_keys import AbsentKeys
from adapters.cache.entry_rows import Entry, EntryRows, Row
from adapters.cache.response_codec import COMPRESS_ABOVE
from adapters.cache.response_table import ResponseTable
from adapters.cache.store_breaker import StoreBreaker
from adapters.cache.tick_reads import TickReads
from application.ports.clock import Clock
from application.ports.response_cache import CacheUsage, PurgeFilter, ResponseCache
from domain.errors import StorageError
from domain.http_caching.stored_response import StoredResponse

FILE_NAME = "responses.sqlite"
_MAX_BYTES = 2 * 1024**3
_FLUSH_ENTRIES = 128
_FLUSH_BYTES = 4 * 1024 * 1024
_FLUSH_SHARE = 16
_FLUSH_SECONDS = 0.5
_ENCODED_AT_ONCE = 32
_FAULTS = (sqlite3.Error, OSError)


class SqliteResponseCache(ResponseCache):
    """Reads in batches, writes gathered for half a second; all of it in one thread of its own.

    Since that thread works in order, a read that needs gathered writes sends them ahead of itself.
    At most two batches of writes are held in memory.

    Args:
        folder: made when it is missing; holds `responses.sqlite`.
        clock: tells when entries expire and were used.
        max_bytes: bound of the stored size; the least recently used entries leave first.
    """

    def __init__(self, folder: Path, clock: Clock, *, max_bytes: int = _MAX_BYTES) -> None:
        self._path = folder / FILE_NAME
        self._max_bytes = max_bytes
        self._flush_bytes = min(_FLUSH_BYTES, max_bytes // _FLUSH_SHARE)
        self._absent = AbsentKeys(self._path, clock)
        self._table = ResponseTable(self._path, max_bytes, clock, self._absent)
        self._breaker = StoreBreaker(str(self._path), clock)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="response-cache")
        self._reads = TickReads(self._read)
        self._rows = EntryRows(str(self._path), max_bytes, clock)
        self._short: list[tuple[str, StoredResponse]] = []
        self._gathered: list[Row | Entry] = []
        self._doomed: list[str] = []
        self._gathered_keys: set[str] = set()
        self._gathered_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._written: Future[None] | None = None
        self._closed = False

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        """One visit to the thread for the whole batch, or for all single look-ups of a tick.

        No visit where it is certain that none of the keys is stored.
        """
        if not keys or self._closed:
            return {}
        if not self._gathered_keys.isdisjoint(keys):
            self._send_gathered()
        elif self._has_none(keys):
            return {}
        return await self._reads.get(keys)

    async def put(self, key: str, response: StoredResponse, *, alone: bool = False) -> None:
        """Gather the entry; waits only while an earlier batch is still being written.

        Short answers are encoded here, a few at a time, which leaves the thread little to do that
        would hold up the event loop.
        """
        if self._closed:
            return
        if alone:
            self._doom(key)
        size = len(response.body)
        if size <= COMPRESS_ABOVE:
            self._short.append((key, response))
            if len(self._short) >= _ENCODED_AT_ONCE:
                self._encode()
        else:
            self._encode()  # what came before it
            self._gathered.append(Entry(key, response))
        self._gathered_keys.add(key)
        self._gathered_bytes += size
        gathered = len(self._gathered) + len(self._short)
        if gathered >= _FLUSH_ENTRIES or self._gathered_bytes >= self._flush_bytes:
            earlier = self._written
            self._send_gathered()
            if earlier is not None:
                await asyncio.shield(asyncio.wrap_future(earlier))
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_FLUSH_SECONDS, self._send_gathered)

    async def forget(self, keys: Sequence[str]) -> None:
        """Drop the keys' rows, gathered ones too."""
        if keys and not self._closed:
            self._send_gathered()
            await self._in_thread(lambda: self._guarded(lambda: self._table.delete(keys), None))

    async def usage(self) -> CacheUsage:
        """Counts by source, as the file has them."""
        sources = await self._answered(self._table.sources)
        entries = sum(count for count, _ in sources.values())
        size = sum(size for _, size in sources.values())
        return CacheUsage(
            entries,
            size,
            sources,
            f"embedded file {self._path}",
            f"{self._max_bytes / 1e6:,.1f} MB; the least recently used leave first",
        )

    async def count(self, which: PurgeFilter) -> int:
        """Counted in the file."""
        return await self._answered(lambda: self._table.count(which))

    async def purge(self, which: PurgeFilter) -> int:
        """Drop rows, a few at a time; freed space returns to the file system."""
        return await self._answered(lambda: self._table.purge(which))

    async def close(self) -> None:
        """Write what is gathered and end the thread."""
        if self._closed:
            return
        self._send_gathered()
        self._closed = True
        await self._reads.close()
        await self._in_thread(lambda: self._guarded(self._table.close, None))
        self._thread.shutdown(wait=False)

    async def _read(self, keys: Sequence[str]) -> Mapping[str, Sequence[StoredResponse]]:
        none: Mapping[str, Sequence[StoredResponse]] = {}
        return await self._in_thread(lambda: self._guarded(lambda: self._table.read(keys), none))

    def _has_none(self, keys: Sequence[str]) -> bool:
        is_writing = self._written is not None and not self._written.done()
        return self._absent.has_none(keys, is_writing=is_writing)

    def _doom(self, key: str) -> None:
        """Have all variants of a key dropped before the next ones are written."""
        if key in self._gathered_keys:
            self._short = [each for each in self._short if each[0] != key]
            self._gathered = [each for each in self._gathered if each[0] != key]
        self._doomed.append(key)

    def _encode(self) -> None:
        """Make rows of the short answers; many at a time take less than one now and then."""
        short, self._short = self._short, []
        rows = [self._rows.row(key, response) for key, response in short]
        self._gathered += [row for row in rows if row is not None]

    def _send_gathered(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._encode()
        self._absent.put(self._gathered_keys)
        self._gathered_keys = set()
        self._gathered_bytes = 0
        if self._gathered or self._doomed:
            batch, self._gathered = self._gathered, []
            doomed, self._doomed = self._doomed, []
            self._written = self._thread.submit(
                self._guarded, lambda: self._table.write(batch, doomed), None
            )

    async def _in_thread[T](self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _answered[T](self, work: Callable[[], T]) -> T:
        if self._closed:
            message = f"{self._path} is closed."
            raise StorageError(message)
        self._send_gathered()
        try:
            return await self._in_thread(work)
        except _FAULTS as exc:
            message = f"{self._path} cannot be used: {exc}."
            raise StorageError(message) from exc

    def _guarded[T](self, work: Callable[[], T], otherwise: T) -> T:
        """Runs in the thread: a fault of the file is a miss, and soon a rest for the file."""
        if not self._breaker.allows():
            return otherwise
        try:
            result = work()
        except _FAULTS as error:
            self._breaker.failed(error)
            return otherwise
        self._breaker.succeeded()
        return result
