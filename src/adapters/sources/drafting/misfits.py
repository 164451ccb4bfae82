"""Values of an answer that do not fit the declared columns: they would become null unseen."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.sources.declared.paths import finder, first_of
from adapters.sources.declared.transforms import transform
from adapters.sources.json_documents import ExactNumber, decode, encode
from domain.errors import ParseError
from domain.requests import Response

_SHOWN = 5
_LONGEST = 60
_KINDS: Mapping[type, str] = {
    dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a whole number",
    ExactNumber: "a number with a fraction",
}  # fmt: skip


def misfits(declaration: str, answer: Response) -> Sequence[str]:
    """Complaints with the number of the record (from 0), the column, and the value's type.

    Args:
        declaration: TOML text that can be read.
        answer: one that the declared source has asked for.
    """
    declared = tomllib.loads(declaration)
    try:
        value = decode(answer.body, answer.headers.get("content-type"))
    except ParseError:
        return ()  # said by who reads it
    records = finder(declared["request"].get("records", ""))(value)
    if type(records) is not list:
        return ()
    found = list(_misfits(declared["table"]["fields"], records))
    more = [f"… and {len(found) - _SHOWN} more values like these."] if len(found) > _SHOWN else []
    return [*found[:_SHOWN], *more]


def _misfits(fields: Sequence[Mapping[str, Any]], records: Sequence[Any]) -> Iterator[str]:
    columns = []
    for each in fields:
        if "path" in each and each["type"] != "present":
            paths = (each["path"],) if isinstance(each["path"], str) else tuple(each["path"])
            convert, _ = transform(each["type"], each.get("item", ""))
            columns.append((each["name"], each["type"], first_of(paths), convert))
    for at, record in enumerate(records):
        if type(record) not in (dict, list):
            yield f"record {at} is {_shown(record)}, not an object"
            continue
        for name, kind, find, convert in columns:
            value = find(record)
            if value not in (None, "") and convert(value) is None:
                yield f"record {at}: {name}: {_shown(value)} does not fit the type {kind}"


def _shown(value: Any) -> str:
    text = encode(value)
    return f"{_KINDS.get(type(value), 'null')} ({text[:_LONGEST]}{'…' * (len(text) > _LONGEST)})"
