"""Page results to bytes and back, for stores that may be shared, old or damaged."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from adapters.http.record_types import block_type, list_of, record_type, tuple_of
from domain.page_results import AnswerRows, PageResult
from domain.record_block import RecordBlock
from domain.tables import TableSpec

NOT_ENCODED = (TypeError, ValueError, OverflowError, RecursionError)
"""What encoding raises where something cannot be written down: half characters, for one."""


class PageResultCodec:
    """In MessagePack: the rows by the tables' order, all else, and the answers by host.

    Rows are one list a table, as records or as blocks, whichever all answers gave; before it
    stands how many columns of a block are the same for its records, 0 for records. Values are
    decoded by the types of the tables: what does not fit is refused.
    """

    def __init__(self, tables: Sequence[TableSpec]) -> None:
        self._tables = tables
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(
            tuple[list[tuple[int, msgspec.Raw]], PageResult, dict[str, int]]
        )
        self._rows_decoder = cache(self._made)

    def encode(self, result: PageResult, hosts: Mapping[str, int]) -> bytes:
        """The result as bytes; one of NOT_ENCODED where it cannot be written down."""
        rows = [_shaped(result.rows.get(table.name, ())) for table in self._tables]
        return self._encoder.encode((rows, replace(result, rows={}), hosts))

    def decode(self, body: bytes) -> tuple[PageResult, Mapping[str, int]]:
        """What `encode` was given; ValueError for anything else."""
        tables, result, hosts = self._decoder.decode(body)
        rows = {
            table.name: self._rows(at, *tables[at])
            for at, table in enumerate(self._tables)
            if at < len(tables)
        }
        return replace(result, rows=rows), hosts

    def _rows(self, at: int, common: int, raw: msgspec.Raw) -> list[AnswerRows]:
        if not 0 <= common < len(self._tables[at].schema.fields):
            message = f"blocks with {common} columns in common"
            raise ValueError(message)
        answers = self._rows_decoder(at, common).decode(raw)
        if common:
            return [AnswerRows(moment, _block(*parts)) for moment, parts in answers]
        return [AnswerRows(moment, records) for moment, records in answers]

    def _made(self, at: int, common: int) -> "msgspec.msgpack.Decoder[Any]":
        schema = self._tables[at].schema
        kind = block_type(schema, common) if common else list_of(record_type(schema))
        return msgspec.msgpack.Decoder(list_of(tuple_of((datetime, kind))))


def _shaped(answers: Sequence[AnswerRows]) -> tuple[int, Sequence[Any]]:
    common = {
        len(each.records.common) if type(each.records) is RecordBlock else 0 for each in answers
    }
    if len(common) != 1 or 0 in common:
        return 0, [(each.fetched_at, [*each.records]) for each in answers]
    blocks = [(each.fetched_at, each.records) for each in answers]
    return common.pop(), [(at, (it.common, it.columns)) for at, it in blocks]  # type: ignore[attr-defined]  # all are


def _block(common: tuple[object, ...], columns: Sequence[Sequence[object]]) -> RecordBlock:
    if len({*map(len, columns)}) != 1:
        message = "columns of different lengths"
        raise ValueError(message)
    return RecordBlock(common, columns)
