"""The rows of one table while a run goes on: gathered, then appended to files."""

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from adapters.storage.arrow_schema import MOMENT, arrow_schema
from adapters.storage.arrow_stream import ArrowStream
from adapters.storage.durable import UNCHANGED
from adapters.storage.joined_batches import joined_batches
from adapters.storage.kept_out_rows import QUARANTINE, kept_out_rows
from adapters.storage.kernels import take
from adapters.storage.record_columns import RecordColumns, repeated
from adapters.storage.text_sizes import text_in, text_in_blocks
from adapters.storage.uninterrupted import uninterrupted
from domain import staged_rows
from domain.errors import DamagedStagingError, StorageError
from domain.expectations import QuarantinedRecord, RecordChecker
from domain.page_results import AnswerRows
from domain.record_block import RecordBlock
from domain.runs import RowCounts
from domain.schema import Schema
from domain.tables import PROVENANCE, Record, TableSpec

_PIECE = 2_048  # records that are converted at once: a few milliseconds
_PIECE_TEXT = 4_000_000  # characters, likewise
_ROWS = 20_000  # that are written at once
_BYTES = 16_000_000  # likewise; items that carry whole pictures fill it sooner
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class _Cut:
    """What was gathered up to some moment; `state` is known once it is written."""

    fetched: int
    batches: list[pa.RecordBatch]
    kept_out: list[tuple[QuarantinedRecord, datetime]]
    state: staged_rows.StagedTable | None = None


class StagedTable:
    """Appends to `<table>.arrows` and `<table>-quarantine.arrows`; memory stays bounded.

    Records become columns on the event loop, a small piece at a time: the interpreter's lock
    would be held in a thread as well. Compression, checksum and disk are left to a thread.

    Attributes:
        fetched: records that came in, those kept out included.
        kept, kept_out: the two files.
        is_full: much was gathered that is not written yet.
    """

    def __init__(
        self,
        table: TableSpec,
        qualified: str,
        run_id: str,
        folder: Path,
        checker: RecordChecker | None = None,
    ) -> None:
        self._qualified = qualified
        self._run_id = run_id
        self._columns = RecordColumns(table.schema, checker)
        self._key = table.schema.positions(table.key)
        self.kept = ArrowStream(
            folder / f"{table.name}.arrows",
            arrow_schema(Schema((*table.schema.fields, PROVENANCE[1]))),
        )
        self.kept_out = ArrowStream(folder / f"{table.name}-quarantine.arrows", QUARANTINE)
        self.fetched = 0
        self.is_full = False
        self._records: list[Record] = []
        self._blocks: list[RecordBlock] = []
        self._rows_gathered = 0
        self._ends: list[int] = []
        self._moments: list[datetime] = []
        self._batches: list[pa.RecordBatch] = []
        self._misfits: list[tuple[QuarantinedRecord, datetime]] = []
        self._text_in_records = self._rows_held = self._bytes_held = 0
        self._cuts: deque[_Cut] = deque()
        self._writing = asyncio.Lock()

    def append(self, records: Sequence[Record], fetched_at: datetime) -> None:
        """Gather records; those that break an expectation or do not fit are kept out."""
        if not (count := len(records)):
            return
        block = records if type(records) is RecordBlock and not self._records else None
        text = text_in(records) if block is None else text_in_blocks([block])
        if block is not None and text < _PIECE_TEXT:
            self._blocks.append(block)
        else:
            if self._blocks:
                self._convert()
            self._records.extend(records)
        self._gathered(text, [(fetched_at, count)])

    def append_answers(self, answers: Sequence[AnswerRows]) -> None:
        """The same for several answers, in a quarter of the time where they are alike."""
        answers = [each for each in answers if len(each.records)]
        blocks = [each.records for each in answers if type(each.records) is RecordBlock]
        records = [] if blocks else [record for each in answers for record in each.records]
        alike = (blocks and len(blocks) == len(answers) and not self._records) or (
            records and not self._blocks
        )
        text = (text_in_blocks(blocks) if blocks else text_in(records)) if alike else 0
        if not alike or text >= _PIECE_TEXT:
            for fetched_at, rows in answers:
                self.append(rows, fetched_at)
            return
        self._blocks.extend(blocks)
        self._records.extend(records)
        self._gathered(text, [(fetched_at, len(rows)) for fetched_at, rows in answers])

    def _gathered(self, text: int, answers: Sequence[tuple[datetime, int]]) -> None:
        """Count what was gathered: characters, and how many records of which moment."""
        before = self._rows_gathered
        for fetched_at, count in answers:
            self._rows_gathered += count
            self._ends.append(self._rows_gathered)
            self._moments.append(fetched_at)
        self.fetched += self._rows_gathered - before
        self._text_in_records += text
        if self._rows_gathered >= _PIECE or self._text_in_records >= _PIECE_TEXT:
            self._convert()

    def quarantine(self, records: Sequence[QuarantinedRecord], fetched_at: datetime) -> None:
        """Gather records that are kept out."""
        self.fetched += len(records)
        for each in records:
            self._keep_out(each, fetched_at)

    async def drain(self) -> None:
        """Write what was gathered, if it is much; waits while earlier rows are being written.

        Raises:
            StorageError: the disk is full or broken.
        """
        if self.is_full:
            async with self._writing:
                if self.is_full:
                    cut = self._queued()
                    await uninterrupted(asyncio.to_thread(self._written_now, cut, durable=False))

    async def flush(self) -> None:
        """Write all that was gathered.

        Raises:
            StorageError: the disk is full or broken.
        """
        await self._written(self._queued(), durable=False)

    def checkpoint(self) -> Awaitable[staged_rows.StagedTable]:
        """All that came in before this call, and nothing after it; durable once awaited.

        StorageError when it cannot be written.
        """
        return self._written(self._queued(), durable=True)

    async def restore(self, state: staged_rows.StagedTable) -> None:
        """Go on from what an earlier process wrote.

        Raises:
            DamagedStagingError: the files are not what the state says.
            StorageError: they cannot be read.
        """
        await uninterrupted(asyncio.to_thread(self._restore, state))

    def balance(self, published: int, deduplicated: int) -> RowCounts:
        """What came in, next to what is found on the disk; each figure is counted for itself.

        Raises:
            StorageError: the two differ.
        """
        quarantined = sum(batch.num_rows for batch in self.kept_out.batches())
        counts = RowCounts(self.fetched, published, quarantined, deduplicated)
        if not counts.balanced:
            message = f"The rows of {self._qualified} do not add up: {counts}. {UNCHANGED}"
            raise StorageError(message)
        return counts

    def _convert(self) -> None:
        """Gathered records become columns; what is not as it should be is kept out."""
        records, self._records = self._records, []
        blocks, self._blocks = self._blocks, []
        ends, self._ends = self._ends, []
        moments, self._moments = self._moments, []
        self._text_in_records = self._rows_gathered = 0
        columns = self._columns
        converted = columns.convert_blocks(blocks, ends) if blocks else columns.convert(records)
        if converted.kept:
            fetched_at = repeated(_array(moments), ends)
            if converted.misfits:
                fetched_at = take(fetched_at, pa.array(converted.kept, pa.int64()))
            arrays = [*converted.columns, fetched_at]
            batch = pa.record_batch(arrays, schema=self.kept.schema)
            self._batches.append(batch)
            self._hold(batch.num_rows, batch.nbytes)
        for at, misfit in converted.misfits.items():
            self._keep_out(misfit, moments[bisect_right(ends, at)])

    def _keep_out(self, record: QuarantinedRecord, fetched_at: datetime) -> None:
        self._misfits.append((record, fetched_at))
        self._hold(1, text_in([record.record]))

    def _hold(self, rows: int, size: int) -> None:
        self._rows_held += rows
        self._bytes_held += size
        self.is_full = self._rows_held >= _ROWS or self._bytes_held >= _BYTES

    def _cut(self) -> _Cut:
        if self._rows_gathered:
            self._convert()
        batches, self._batches = self._batches, []
        misfits, self._misfits = self._misfits, []
        self._rows_held = self._bytes_held = 0
        self.is_full = False
        return _Cut(self.fetched, batches, misfits)

    def _queued(self) -> _Cut:
        cut = self._cut()
        self._cuts.append(cut)
        return cut

    async def _written(self, cut: _Cut, *, durable: bool) -> staged_rows.StagedTable:
        async with self._writing:
            return await uninterrupted(asyncio.to_thread(self._written_now, cut, durable=durable))

    def _written_now(self, cut: _Cut, *, durable: bool) -> staged_rows.StagedTable:
        """The state right after the cut, whoever wrote it and whatever follows it."""
        while cut.state is None:
            self._write(self._cuts[0])
            self._cuts.popleft()
        if durable:
            self.kept.sync()
            self.kept_out.sync()
        return cut.state

    def _write(self, cut: _Cut) -> None:
        if cut.batches:
            self.kept.append(joined_batches(cut.batches))
            cut.batches = []
        if cut.kept_out:
            self.kept_out.append(
                kept_out_rows(cut.kept_out, self._run_id, self._qualified, self._key)
            )
        cut.state = staged_rows.StagedTable(cut.fetched, self.kept.state(), self.kept_out.state())

    def _restore(self, state: staged_rows.StagedTable) -> None:
        for stream, file in ((self.kept, state.kept), (self.kept_out, state.kept_out)):
            if file.bytes and file.name != stream.path.name:
                message = f"{file.name} is not the name of what {self._qualified} has staged."
                raise DamagedStagingError(message)
            stream.restore(file)
        self.fetched = state.fetched


def _array(moments: Sequence[datetime]) -> "pa.Array[Any]":
    since_epoch: pa.Array[Any] = pa.array([each - _EPOCH for each in moments], pa.duration("us"))
    return since_epoch.view(pa.int64()).view(MOMENT)
