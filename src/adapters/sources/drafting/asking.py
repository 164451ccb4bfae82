"""The request of a declaration, out of an address that somebody has typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from domain.errors import UsageError
from domain.scrubbing import is_secret_parameter
from domain.sources import Window

_BRACES = re.compile(r"\{\w+\}", re.ASCII)
_BEGIN = re.compile(
    r"(?i)(since|from|start|begin|after|min)_?(date|time|at|day|year)?|updated_?since"
)
_END = re.compile(r"(?i)(until|to|end|before|max)_?(date|time|at|day|year)?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_WHOLE_LIST = "all"


@dataclass(frozen=True, slots=True)
class Asking:
    """What stands in the sections of target, policy, request and window.

    Attributes:
        asked: the query as it was typed, without what looks like a key.
        secrets: values of parameters that look like keys; they may stand in no file.
    """

    base_url: str
    path: str
    asked: Mapping[str, str]
    query: Mapping[str, str]
    target: str
    target_rules: Mapping[str, str]
    window_format: str = ""
    window: Window = field(default_factory=Window)
    notes: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()


def split_url(url: str) -> SplitResult:
    """The parts of an address.

    Raises:
        UsageError: it is none of HTTP, or carries a user name.
    """
    try:
        parts = urlsplit(url.strip())
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or any(each.isspace() or not each.isprintable() for each in url.strip()):
        message = f"{url[:80]!a} is no address: write one as https://api.example.org/list?limit=50."
        raise UsageError(message)
    if parts.username is not None or parts.password is not None:
        message = "The address carries a user name or password, which would stand in the file."
        raise UsageError(message)
    return parts


def read_address(url: str, target: str) -> Asking:
    """The request that asks for what the address gave.

    Raises:
        UsageError: the address cannot be declared, or does not hold the target.
    """
    parts = split_url(url)
    query: dict[str, str] = {}
    notes, secrets = [], []
    for name, value in parse_qsl(parts.query):
        if is_secret_parameter(name):
            secrets.append(value)
            notes.append(
                f"The parameter {name} is left out: it looks like a key. Keys go into a header, "
                "see [policy.key]."
            )
        elif name in query:
            message = f"The address has {name} twice, which cannot be declared."
            raise UsageError(message)
        elif _BRACES.search(value) or _BRACES.search(name):
            message = f"The address holds braces in {name}, which cannot be declared."
            raise UsageError(message)
        else:
            query[name] = value
    path = parts.path.replace("{", "%7B").replace("}", "%7D") or "/"
    asking = Asking(
        f"{parts.scheme}://{parts.netloc}", path, query, query, _WHOLE_LIST,
        {"pattern": _WHOLE_LIST, "case": "lower", "form": f"{_WHOLE_LIST}: there is one list"},
        notes=tuple(notes), secrets=tuple(secrets),
    )  # fmt: skip
    return _with_span(_with_target(asking, target) if target else asking)


def _with_target(asking: Asking, target: str) -> Asking:
    segments = asking.path.split("/")
    query = dict(asking.query)
    places = [at for at, each in enumerate(segments) if unquote(each) == target]
    names = [name for name, value in query.items() if value == target]
    for at in places:
        segments[at] = "{target}"
    for name in names:
        query[name] = "{target}"
    if not places and not names:
        message = (
            f"The address holds {target!r} neither as a part of its path nor as a value of its "
            "query: --target is the part that changes from one target to the next."
        )
        raise UsageError(message)
    if target.startswith("@"):
        message = "A target may not begin with @, which means a watch list."
        raise UsageError(message)
    pattern = _PLAIN.pattern if _PLAIN.fullmatch(target) else r"[^@\r\n][^\r\n]{0,199}"
    rules = {"pattern": pattern, "form": f"what stands in its place in the address, as {target}"}
    return replace(asking, path="/".join(segments), query=query, target=target, target_rules=rules)


def _with_span(asking: Asking) -> Asking:
    """Parameters that hold the ends of a time span become `{since}` and `{until}`."""
    begin = _moment_in(asking.query, _BEGIN)
    if begin is None:
        return asking
    name, form, since = begin
    query = {**asking.query, name: "{since}"}
    until = None
    end = _moment_in(query, _END)
    if end is not None and end[1] == form:
        last = end[2] + (timedelta(days=1) if form == "date" else timedelta(seconds=1))
        until = min(last, datetime.max.replace(tzinfo=UTC))
        query[end[0]] = "{until}"
    note = f"The parameter {name} is taken for the begin of a time span: --since sets it."
    return replace(
        asking,
        query=query,
        window_format=form,
        window=Window(since, until),
        notes=(*asking.notes, note),
    )


def _moment_in(
    query: Mapping[str, str], names: re.Pattern[str]
) -> tuple[str, str, datetime] | None:
    for name, value in query.items():
        if names.fullmatch(name) and (found := _moment(value)) is not None:
            return name, *found
    return None


def _moment(value: str) -> tuple[str, datetime] | None:
    try:
        if _ISO.fullmatch(value):
            return "iso", datetime.fromisoformat(value)
        return "date", datetime.combine(date.fromisoformat(value), time(), UTC)
    except ValueError:
        return None
