"""Arrow columns as Python values, however deep they nest."""

import base64
from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise
from typing import Any

import msgspec
import pyarrow as pa

from adapters.catalog.formats.big_numbers import big_number
from adapters.catalog.formats.kernels import call, cast
from adapters.catalog.formats.moments import interval
from adapters.catalog.formats.plain_texts import plain_texts

_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
_ARROW = pa.types


def values(column: Any) -> list[Any]:
    """One Python value for each row of an Arrow array; None is NULL.

    Maps become mappings from their keys' text, which is all that JSON has. Moments and intervals
    become text.
    """
    kind = column.type
    for takes, read in _READERS:
        if takes(kind):
            return read(column)
    return list(column.to_pylist())


def texts(column: Any) -> Any:
    """The text of each value as a column: as `plain_texts` has it, bytes in base64, else JSON."""
    plain = plain_texts(column)
    if plain is not None:
        return plain
    found = [None if value is None else _text(value) for value in values(column)]
    return pa.array(found, pa.string())


def json_texts(column: Any) -> Any:
    """Each value as JSON: decimals and integers exact, NaN and infinity as null."""
    lines = _ENCODER.encode_lines(values(column)).split(b"\n")
    return cast(pa.array(lines[:-1], pa.binary()), pa.string())


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list | dict | bool):
        return _ENCODER.encode(value).decode()
    return str(value)


def _maps(column: Any) -> list[Any]:
    """The offsets are those of a slice, the keys and items those of the whole array."""
    keys = ["null" if key is None else key for key in texts(column.keys).to_pylist()]
    pairs = list(zip(keys, values(column.items), strict=True))
    return _pieces(pairs, column.offsets.to_pylist(), column, dict)


def _structs(column: Any) -> list[Any]:
    names = [member.name for member in column.type]
    members = [values(member) for member in column.flatten()]
    rows = zip(*members, strict=True) if members else [()] * len(column)
    return [
        dict(zip(names, row, strict=True)) if is_there else None
        for row, is_there in zip(rows, column.is_valid().to_pylist(), strict=True)
    ]


def _lists(column: Any) -> list[Any]:
    lengths = call("list_value_length", column).to_pylist()
    ends = accumulate((length or 0 for length in lengths), initial=0)
    return _pieces(values(column.flatten()), list(ends), column, list)


def _unions(column: Any) -> list[Any]:
    """The value of the member that is set; `type_codes` of a slice would be those of the whole."""
    members = [values(column.field(position)) for position in range(column.type.num_fields)]
    places = {code: place for place, code in enumerate(column.type.type_codes)}
    _, stored, *_ = column.buffers()
    codes = pa.Array.from_buffers(pa.int8(), len(column), [None, stored], offset=column.offset)
    return [members[places[code]][row] for row, code in enumerate(codes.to_pylist())]


def _pieces(
    flat: Sequence[Any],
    ends: Sequence[int],
    column: Any,
    build: Callable[[Sequence[Any]], Any],
) -> list[Any]:
    return [
        build(flat[start:end]) if is_there else None
        for (start, end), is_there in zip(
            pairwise(ends), column.is_valid().to_pylist(), strict=True
        )
    ]


def _intervals(column: Any) -> list[Any]:
    return [None if each is None else interval(*each) for each in column.to_pylist()]


def _texts(column: Any) -> list[Any]:
    return list(plain_texts(column).to_pylist())


def _short_floats(column: Any) -> list[Any]:
    """The nearest double of the digits: 0.1 as FLOAT is not 0.10000000149011612."""
    return [None if each is None else float(each) for each in _texts(column)]


def _extensions(column: Any) -> list[Any]:
    stored = column.storage.to_pylist()
    if getattr(column.type, "type_name", "") != "bignum":
        return list(stored)
    return [None if each is None else big_number(each) for each in stored]


_READERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[Any], list[Any]]], ...] = (
    (_ARROW.is_map, _maps),
    (_ARROW.is_struct, _structs),
    (_ARROW.is_list, _lists),
    (_ARROW.is_large_list, _lists),
    (_ARROW.is_fixed_size_list, _lists),
    (_ARROW.is_union, _unions),
    (_ARROW.is_interval, _intervals),
    (_ARROW.is_temporal, _texts),
    (_ARROW.is_float32, _short_floats),
    (lambda kind: isinstance(kind, pa.BaseExtensionType), _extensions),
)
