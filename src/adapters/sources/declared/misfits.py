"""Values that fit no column's type: named, so that their rows can be kept out loudly."""

from collections.abc import Mapping
from typing import Any

from adapters.sources.json_documents import ExactNumber, encode

_LONGEST = 60
_KINDS: Mapping[type, str] = {
    dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a whole number",
    ExactNumber: "a number with a fraction", type(None): "null",
}  # fmt: skip


def shown(value: Any) -> str:
    """What a JSON value is, and how it begins."""
    text = encode(value)
    return f"{_KINDS[type(value)]} ({text[:_LONGEST]}{'…' * (len(text) > _LONGEST)})"


class MisfitError(Exception):
    """A value that its column cannot hold; the text says so.

    Attributes:
        sent: the value as JSON, or the beginning of it.
    """

    def __init__(self, column: str, kind: str, value: Any) -> None:
        self.sent = encode(value)[:1000]
        super().__init__(f"{column}: {shown(value)} does not fit the type {kind}")
