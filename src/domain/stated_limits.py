"""Limits that an upstream states in words alone: in a body, whatever the status."""

import json
import re
from collections.abc import Iterator
from typing import Any

from domain.headers import Headers
from domain.http_caching.http_dates import parse_http_date

_LONGEST_BODY = 2048
_LONGEST_TEXT = 200
_THROTTLED = frozenset({418, 429, 599})
_ERROR_MEMBERS = frozenset(
    {
        "code", "detail", "details", "documentation_url", "error", "error_code", "error_message",
        "errors", "id", "information", "message", "msg", "note", "ok", "reason", "request_id",
        "requestid", "result", "status", "status_code", "statuscode", "success", "timestamp",
        "title", "type",
    }
)  # fmt: skip
_FIRST_MEMBER = re.compile(rb'\s*\{\s*"([A-Za-z_]{1,40})"')
_LIMITED = re.compile(
    r"rate.?limit|too many (?:concurrent )?requests|throttl|\blimit (?:was )?(?:exceeded|reached)"
    r"|exceeded (?:the|your) [\w ]{0,40}(?:limit|quota)|quota exceeded|call frequency"
    r"|run out of [\w ]{0,20}credits",
    re.IGNORECASE,
)
_PERIODS = (
    (re.compile(r"\bdaily\b|\btomorrow\b|\bper day\b", re.IGNORECASE), 86_400.0),
    (re.compile(r"\bhourly\b|\bnext hour\b", re.IGNORECASE), 3600.0),
    (re.compile(r"\bminutely\b|\bnext minute\b|\bcurrent minute\b", re.IGNORECASE), 60.0),
)
_SPAN = re.compile(
    r"\b(?:in|after|wait|for)\s+(?:about\s+|another\s+)?(\d{1,6}(?:\.\d{1,3})?|one|an?)\s*"
    r"(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hours?|days?)\b",
    re.IGNORECASE,
)
_UNITS = {"ms": 0.001, "mil": 0.001, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0,
          "hou": 3600.0, "day": 86_400.0}  # fmt: skip


def stated_limit(status: int, headers: Headers, body: bytes) -> float | None:
    """Seconds to wait where an answer says in words that its upstream limits us, else None.

    0.0 when it does not say for how long. Read are short bodies alone: JSON objects that have no
    other members than errors have, and a line of text. A period of the clock ("hourly limit",
    as Open-Meteo has them) ends with the answer's own `Date`; without one it is taken whole.

    Args:
        status: of the answer; 429, 418 and 599 say themselves that there is a limit.
        headers: of the answer.
        body: decoded.
    """
    if not body or len(body) > _LONGEST_BODY:
        return None
    text = _error_text(body)
    if not text or not (status in _THROTTLED or _LIMITED.search(text)):
        return None
    for words, seconds in _PERIODS:
        if words.search(text):
            date = parse_http_date(headers.get("date") or "")
            return seconds if date is None else seconds - date % seconds
    span = _SPAN.search(text)
    if span is None:
        return 0.0
    count = float(span[1]) if span[1][0].isdigit() else 1.0
    unit = span[2].lower()
    return count * _UNITS[unit if unit in _UNITS else unit[:3]]


def _error_text(body: bytes) -> str:
    """The words of a body that is nothing but an error; empty for all else."""
    first = _FIRST_MEMBER.match(body)
    if first is None:
        text = body.decode("utf-8", "replace").strip()
        return text if len(text) <= _LONGEST_TEXT and text[:1].isalpha() else ""
    if first[1].decode("ascii").lower() not in _ERROR_MEMBERS:
        return ""
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    if not all(name.lower() in _ERROR_MEMBERS for name in value):
        return ""
    return " ".join(_strings(value, 3))


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each, depth - 1)
