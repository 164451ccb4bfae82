"""Quarantined records as rows of a file."""

import json
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from adapters.storage.record_columns import repaired
from domain.expectations import QuarantinedRecord
from domain.tables import Record

_LONGEST_RECORD = 64 * 1024  # characters that are kept
_TEXTS = ("run_id", "table_name", "rule", "reason", "key", "record")
_COLUMNS: dict[str, pa.DataType] = dict.fromkeys(_TEXTS, pa.string())
QUARANTINE = pa.schema({**_COLUMNS, "fetched_at": pa.timestamp("us", tz="UTC")})


def kept_out_rows(
    records: Sequence[tuple[QuarantinedRecord, datetime]],
    run_id: str,
    table: str,
    key: Sequence[int],
) -> pa.RecordBatch:
    """Records with the moments they came, whatever they hold.

    Args:
        records: what was kept out.
        run_id: the run.
        table: qualified name of the table that they were kept out of.
        key: positions of its key columns.
    """
    rows = [
        {
            "run_id": run_id,
            "table_name": table,
            "rule": repaired(each.rule),
            "reason": repaired(each.reason),
            "key": _text([_member(each.record, at) for at in key]),
            "record": _text(each.record)[:_LONGEST_RECORD],
            "fetched_at": moment,
        }
        for each, moment in records
    ]
    return pa.RecordBatch.from_pylist(rows, QUARANTINE)


def _member(record: Record, position: int) -> object:
    return record[position] if position < len(record) else None


def _text(value: object) -> str:
    """JSON, with what JSON lacks as text; pure ASCII, so that it always fits UTF-8."""
    try:
        return json.dumps(value, default=str)
    except (TypeError, ValueError, RecursionError) as error:
        return json.dumps(f"not to be written as JSON: {str(error)[:200]}")
