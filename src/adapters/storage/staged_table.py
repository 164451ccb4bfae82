"""The rows of one table while a run goes on: gathered, then written in parts."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain, repeat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.arrow_schema import arrow_schema
from adapters.storage.durable import UNCHANGED
from adapters.storage.parquet_file import rows_in
from adapters.storage.record_columns import RecordColumns, repaired
from adapters.storage.uninterrupted import uninterrupted
from domain.errors import StorageError
from domain.expectations import QuarantinedRecord
from domain.runs import RowCounts
from domain.tables import PROVENANCE, Record, TableSpec

ORDER = "_staged"
"""Column of staged files that counts rows in the order of their arrival."""

_FETCHED_AT = PROVENANCE[1].name
_ROWS = 20_000
_TEXT_HELD = 16_000_000  # characters; items that carry whole pictures fill a part sooner
_LONGEST_RECORD = 64 * 1024  # characters of a quarantined record that are kept
_MOMENT = pa.timestamp("us", tz="UTC")
_TEXTS = ("run_id", "table_name", "rule", "reason", "key", "record")
_KEPT_OUT: dict[str, pa.DataType] = dict.fromkeys(_TEXTS, pa.string())
QUARANTINE = pa.schema({**_KEPT_OUT, "fetched_at": _MOMENT})


class StagedTable:
    """Writes a part whenever enough rows are gathered, so that memory stays bounded.

    Attributes:
        fetched: records that came in, those kept out included.
        parts, quarantine_parts: Parquet files written so far.
    """

    def __init__(self, table: TableSpec, qualified: str, run_id: str, folder: Path) -> None:
        self._table = table
        self._qualified = qualified
        self._run_id = run_id
        self._folder = folder
        self._columns = RecordColumns(table.schema)
        self._key = table.schema.positions(table.key)
        fields = arrow_schema(table.schema)
        self._schema = fields.append(pa.field(_FETCHED_AT, _MOMENT)).append(
            pa.field(ORDER, pa.int64())
        )
        self._records: list[Record] = []
        self._moments: list[tuple[datetime, int]] = []
        self._kept_out: list[tuple[QuarantinedRecord, datetime]] = []
        self._text_held = 0
        self._staged = 0
        self._writing = asyncio.Lock()
        self.fetched = 0
        self.parts: list[Path] = []
        self.quarantine_parts: list[Path] = []

    async def append(self, records: Sequence[Record], fetched_at: datetime) -> None:
        """Gather records; every so often this writes a part."""
        if not records:
            return
        self.fetched += len(records)
        self._records.extend(records)
        self._moments.append((fetched_at, len(records)))
        self._text_held += _text_in(records)
        if len(self._records) >= _ROWS or self._text_held >= _TEXT_HELD:
            await self.flush()

    async def quarantine(self, records: Sequence[QuarantinedRecord], fetched_at: datetime) -> None:
        """Gather records that are kept out."""
        self.fetched += len(records)
        self._kept_out.extend((record, fetched_at) for record in records)
        self._text_held += _text_in([each.record for each in records])
        if len(self._kept_out) >= _ROWS or self._text_held >= _TEXT_HELD:
            await self.flush()

    async def flush(self) -> None:
        """Write all that is gathered."""
        async with self._writing:
            records, self._records = self._records, []
            runs, self._moments = self._moments, []
            self._text_held = 0
            if records:
                moments = list(chain.from_iterable(repeat(at, count) for at, count in runs))
                misfits = await uninterrupted(asyncio.to_thread(self._write_part, records, moments))
                self._kept_out.extend((each, moments[at]) for at, each in misfits.items())
            kept_out, self._kept_out = self._kept_out, []
            if kept_out:
                await uninterrupted(asyncio.to_thread(self._write_quarantine, kept_out))

    def balance(self, published: int, deduplicated: int) -> RowCounts:
        """What came in, next to what is found on the disk; each figure is counted for itself.

        Raises:
            StorageError: the two differ.
        """
        with parquet_errors("Reading the quarantine of", self._folder):
            quarantined = sum(rows_in(part) for part in self.quarantine_parts)
        counts = RowCounts(self.fetched, published, quarantined, deduplicated)
        if not counts.balanced:
            message = f"The rows of {self._qualified} do not add up: {counts}. {UNCHANGED}"
            raise StorageError(message)
        return counts

    def _write_part(
        self, records: list[Record], moments: list[datetime]
    ) -> Mapping[int, QuarantinedRecord]:
        """Write what fits the schema; the rest, by its position."""
        converted = self._columns.convert(records)
        order = range(self._staged, self._staged + len(converted.kept))
        self._staged += len(converted.kept)
        batch = pa.Table.from_arrays(
            [
                *converted.columns,
                pa.array([moments[position] for position in converted.kept], _MOMENT),
                pa.array(order, pa.int64()),
            ],
            schema=self._schema,
        )
        path = self._folder / f"{self._table.name}-{len(self.parts):05}.parquet"
        with parquet_errors("Writing", path):
            pq.write_table(batch, path, compression="lz4", use_dictionary=False)
        self.parts.append(path)
        return converted.misfits

    def _write_quarantine(self, kept_out: list[tuple[QuarantinedRecord, datetime]]) -> None:
        rows = [
            {
                "run_id": self._run_id,
                "table_name": self._qualified,
                "rule": repaired(each.rule),
                "reason": repaired(each.reason),
                "key": self._text([self._member(each.record, at) for at in self._key]),
                "record": self._text(each.record)[:_LONGEST_RECORD],
                "fetched_at": moment,
            }
            for each, moment in kept_out
        ]
        path = (
            self._folder / f"{self._table.name}-quarantine-{len(self.quarantine_parts):05}.parquet"
        )
        with parquet_errors("Writing", path):
            pq.write_table(pa.Table.from_pylist(rows, QUARANTINE), path, compression="lz4")
        self.quarantine_parts.append(path)

    @staticmethod
    def _member(record: Record, position: int) -> object:
        return record[position] if position < len(record) else None

    @staticmethod
    def _text(value: object) -> str:
        """JSON, with what JSON lacks as text; pure ASCII, so that it always fits UTF-8."""
        try:
            return json.dumps(value, default=str)
        except (TypeError, ValueError, RecursionError) as error:
            return json.dumps(f"not to be written as JSON: {str(error)[:200]}")


def _text_in(records: Sequence[Record]) -> int:
    """Characters in the columns of text; what else a record holds is small."""
    return sum(len(value) for record in records for value in record if isinstance(value, str))
