"""What an error answer says, short enough and safe to be shown."""

import json
import re
from collections.abc import Iterator
from typing import Any

_LONGEST = 200
_READ_BYTES = 65536
_TEXT_CHARACTERS = 8192
_MEMBERS = ("errors", "detail", "message", "error", "title", "reason")
_TAG = re.compile(r"<(script|style)\b.*?</\1>|<[^>]{0,500}>", re.IGNORECASE | re.DOTALL)
_SECRET = re.compile(r"(?<![\w-])(?!0x)(?=[\w-]*\d)[\w-]{20,}(?![\w-])", re.ASCII)


def error_excerpt(body: bytes) -> str:
    """At most 200 printable characters; anything that could be a key is masked.

    JSON errors come as `{"errors": [...]}`, `{"detail": ...}` or `{"message": ...}`; of anything
    else the text is taken.
    """
    text = body[:_READ_BYTES].decode("utf-8", "replace")
    try:
        words = "; ".join(_messages(json.loads(text)))
    except (ValueError, RecursionError):
        words = ""
    words = words or _TAG.sub(" ", text[:_TEXT_CHARACTERS])
    visible = "".join(character if character.isprintable() else " " for character in words)
    masked = _SECRET.sub("***", " ".join(visible.split()))
    return masked if len(masked) <= _LONGEST else masked[: _LONGEST - 1] + "…"


def _messages(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value[:5]:
            yield from _messages(each)
    elif isinstance(value, dict):
        for name in _MEMBERS:
            if value.get(name):
                yield from _messages(value[name])
                return
