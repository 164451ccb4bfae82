"""Names of columns and tables out of names in answers."""

import re
from collections.abc import Collection

_LONGEST = 60
_WORD_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_NAME = re.compile(r"[^a-z0-9]+")
_WRAPPERS = frozenset({"properties", "attributes", "fields", "node", "data"})


def snake_case(text: str) -> str:
    """Lower-case words with underscores; may be empty."""
    spaced = _WORD_BREAK.sub("_", text).lower()
    return _NO_NAME.sub("_", spaced).strip("_")[:_LONGEST].rstrip("_")


def column_name(parts: tuple[str, ...], taken: Collection[str]) -> str:
    """A column's name from the way to its value; a wrapper that says nothing is left out."""
    shown = parts[1:] if len(parts) > 1 and parts[0] in _WRAPPERS else parts
    for each in (shown, parts):
        name = snake_case("_".join(each)) or "column"
        name = f"column_{name}" if name[0].isdigit() else name
        if name not in taken:
            return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
