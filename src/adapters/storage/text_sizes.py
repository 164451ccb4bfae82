"""How much text records hold, about; what else they hold is small."""

from collections.abc import Sequence

import msgspec

from domain.record_block import RecordBlock
from domain.tables import Record

_ENCODER = msgspec.msgpack.Encoder()
_NOT_ENCODED = (TypeError, ValueError, OverflowError, RecursionError)  # half characters, for one


def text_in(records: Sequence[Record]) -> int:
    """Characters in the columns of text, at least."""
    try:
        return len(_ENCODER.encode(records))  # a quarter of what counting costs
    except _NOT_ENCODED:
        return sum([len(value) for record in records for value in record if type(value) is str])


def text_in_blocks(blocks: Sequence[RecordBlock]) -> int:
    """The same for all records of blocks, or more: common text counts as in the longest one."""
    try:
        common = _ENCODER.encode([each.common for each in blocks])
        further = _ENCODER.encode([each.columns for each in blocks])
    except _NOT_ENCODED:
        return text_in([record for block in blocks for record in block])
    return len(common) * max(map(len, blocks)) + len(further)
