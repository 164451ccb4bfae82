"""Keeps a flood of the same warning off the screen."""

import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

_SHOWN = 5
_MOST_REASONS = 256

type Kind = tuple[str, str, str]


class RepeatFilter(logging.Filter):
    """Passes the first few warnings and errors of a kind, and counts the others.

    Two records are of a kind when their level, their event and their reason are the same;
    what they are about (the item, the URL) may differ.
    """

    def __init__(self) -> None:
        super().__init__()
        self._seen: Counter[Kind] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is shown."""
        if record.levelno < logging.WARNING:
            return True
        kind = _kind(record)
        if kind not in self._seen and len(self._seen) >= _MOST_REASONS:
            kind = (*kind[:2], "")
        self._seen[kind] += 1
        return self._seen[kind] <= _SHOWN

    def held_back(self) -> Iterator[tuple[Kind, int]]:
        """Level name, event and reason of what was counted only, and how often; starts anew."""
        seen, self._seen = self._seen, Counter()
        for kind, count in seen.items():
            if count > _SHOWN:
                yield kind, count - _SHOWN


def _kind(record: logging.LogRecord) -> Kind:
    message: Any = record.msg
    if isinstance(message, dict):
        return record.levelname, str(message.get("event")), str(message.get("reason", ""))
    return record.levelname, str(message), record.name
