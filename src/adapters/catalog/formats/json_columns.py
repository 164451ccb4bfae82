"""Whole Arrow columns as JSON values, by Arrow's kernels where the type allows."""

from typing import Any

import msgspec
import pyarrow as pa

from adapters.catalog.formats.arrow_values import json_texts
from adapters.catalog.formats.kernels import call, joined
from adapters.catalog.formats.plain_texts import plain_texts
from adapters.catalog.formats.text_bytes import may_hold

_ARROW = pa.types
_SPECIAL = b'"\\' + bytes(range(0x20))
_MARK = '"'
_JSON = {"JSON", "VARIANT"}


def json_column(column: Any, sql_type: str) -> tuple[str, Any]:
    """A column of JSON texts, and the mark that is to stand before and behind each.

    NULL may stay NULL, without a mark then. Numbers keep all their digits, NaN and infinity become
    null (JSON has neither), what the SQL type calls JSON is set in as it is, without its white
    space.
    """
    if _ARROW.is_dictionary(column.type):
        column = plain_texts(column)
    kind = column.type
    if sql_type in _JSON and _ARROW.is_string(kind):
        return "", _embedded(column)
    if _ARROW.is_integer(kind) or _ARROW.is_boolean(kind) or _ARROW.is_decimal(kind):
        return "", plain_texts(column)
    if _ARROW.is_floating(kind):
        finite = call("is_finite", column)
        return "", call("if_else", finite, plain_texts(column), pa.scalar(None, pa.string()))
    if _ARROW.is_temporal(kind) and not _ARROW.is_interval(kind):
        return _quoted(plain_texts(column))
    if _ARROW.is_string(kind) and not may_hold(column, _SPECIAL):
        return _quoted(column)
    return "", json_texts(column)


def _quoted(texts: Any) -> tuple[str, Any]:
    if not texts.null_count:
        return _MARK, texts
    return "", joined(_MARK, texts, _MARK)


def _embedded(column: Any) -> Any:
    values = column.to_pylist()
    return pa.array([value if value is None else _one_line(value) for value in values], pa.string())


def _one_line(text: str) -> str:
    """A file may call JSON what is none: that stays a text."""
    try:
        return msgspec.json.format(text.encode(), indent=-1).decode()
    except msgspec.DecodeError:
        return msgspec.json.encode(text).decode()
