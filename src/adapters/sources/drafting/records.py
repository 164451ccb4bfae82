"""Where the list of records is in an answer."""

from collections.abc import Iterator
from typing import Any

from adapters.sources.declared.paths import finder
from domain.errors import ParseError

_DEEPEST = 5
_WIDEST = 4
_USUAL = ("data", "results", "items", "records", "rows", "features", "entries", "list", "values")


def find_records(value: Any, path: str = "") -> tuple[str, list[Any]]:
    """The path of the records and the records.

    Args:
        value: the decoded answer.
        path: where they are, if somebody has said so.

    Raises:
        ParseError: there is no list of objects (or rows), or it is empty; says what to do.
    """
    if path:
        return path, _checked(finder(path)(value), path)
    found = list(_lists(value, (), 0))
    full = [each for each in found if _fits(each[1])]
    if full:
        parts, records = max(full, key=_rank)
        return ".".join(parts), records
    if any(not records for _, records in found):
        parts = next(parts for parts, records in found if not records)
        message = f"The list {_shown(parts)} is empty: use an answer that has records."
        raise ParseError(message)
    if found:
        parts = found[0][0]
        message = (
            f"The list {_shown(parts)} holds single values, not objects: a table needs records "
            "with named members."
        )
        raise ParseError(message)
    what = f"an object with {', '.join(list(value)[:8])}" if type(value) is dict else "no object"
    message = (
        f"The answer holds no list of records ({what}): use the address of a list, or say where "
        "the list is with --records PATH."
    )
    raise ParseError(message)


def _checked(records: Any, path: str) -> list[Any]:
    if type(records) is not list:
        message = f"There is no list at {path}: --records needs the path of one."
        raise ParseError(message)
    if not records:
        message = f"The list at {path} is empty: use an answer that has records."
        raise ParseError(message)
    kinds = {type(each) for each in records}
    if kinds not in ({dict}, {list}):
        message = f"The list at {path} holds {_odd(records)}: all must be objects or rows."
        raise ParseError(message)
    return records


def _odd(records: list[Any]) -> str:
    at, each = next((at, each) for at, each in enumerate(records) if type(each) is not dict)
    return f"a {type(each).__name__} at place {at}"


def _lists(value: Any, parts: tuple[str, ...], depth: int) -> Iterator[tuple[Any, list[Any]]]:
    """All lists outside of records, the nearest first."""
    if type(value) is list:
        yield parts, value
        if len(value) <= _WIDEST and not _fits(value):
            for at, each in enumerate(value):
                yield from _lists(each, (*parts, str(at)), depth + 1)
    elif type(value) is dict and depth < _DEEPEST:
        for name, each in value.items():
            if name and "." not in name:
                yield from _lists(each, (*parts, name), depth + 1)


def _fits(records: list[Any]) -> bool:
    kinds = {type(each) for each in records}
    if kinds == {list}:  # rows: more than one value each, none of them a list or an object
        return all(each and not _nested(each) for each in records)
    return kinds == {dict} and any(records)


def _nested(row: list[Any]) -> bool:
    return any(type(each) in (dict, list) for each in row)


def _rank(found: tuple[tuple[str, ...], list[Any]]) -> tuple[bool, bool, int, int]:
    parts, records = found
    usual = bool(parts) and parts[-1].lower() in _USUAL
    return type(records[0]) is dict, usual or not parts, len(records), -len(parts)


def _shown(parts: tuple[str, ...]) -> str:
    return f"at {'.'.join(parts)}" if parts else "that is the answer"
