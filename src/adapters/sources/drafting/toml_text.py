"""TOML, as much of it as a declaration needs."""

import json
import re
from collections.abc import Iterator, Mapping

type Value = str | int | tuple[str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def written(value: Value) -> str:
    """A value; texts as basic strings, whose escapes are those of JSON and one more."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(written, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def members(values: Mapping[str, Value]) -> Iterator[str]:
    """A line for each member."""
    for name, value in values.items():
        yield f"{name if _BARE.fullmatch(name) else written(name)} = {written(value)}"


def section(header: str, values: Mapping[str, Value]) -> str:
    """A table with its header; nothing for one without members."""
    return "\n".join(("", header, *members(values), "")) if values else ""
