"""Which members of an answer make no difference to what it is read as."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from adapters.sources.json_documents import decode_answer, encode
from domain.errors import ParseError
from domain.requests import Response

_MOST_ITEMS = 30
_MOST_MEMBERS = 500
_ITEM = "[]"

type Path = tuple[str, ...]


def unread_members(answer: Response, read: Callable[[Response], object]) -> Mapping[str, bool]:
    """The members that hold something, by dotted path; True where nothing reads them.

    Each is taken out of all records at once, and the rest read again: no knowledge of the source
    is needed, so that sources in Python are judged like declared ones. Of long lists the first
    items are looked at. An answer that is no JSON has no members.

    Args:
        answer: a recorded answer.
        read: gives what an answer is read as, comparable; None for one that is refused.
    """
    try:
        value = _shortened(decode_answer(answer))
    except ParseError:
        return {}
    whole = read(_answer(answer, value))
    if whole is None:
        return {}
    found: dict[str, bool] = {}
    pending: list[Path] = list(_below(value, ()))
    while pending and len(found) < _MOST_MEMBERS:
        path = pending.pop(0)
        idle = read(_answer(answer, _without(value, path))) == whole
        found[".".join(path)] = idle
        if not idle:
            pending.extend(_below(value, path))
    return found


def _answer(answer: Response, value: Any) -> Response:
    return replace(answer, body=encode(value).encode())


def _shortened(value: Any) -> Any:
    if type(value) is list:
        return [_shortened(each) for each in value[:_MOST_ITEMS]]
    if type(value) is dict:
        return {name: _shortened(each) for name, each in value.items()}
    return value


def _below(value: Any, path: Path) -> Iterator[Path]:
    """Paths of the members under a path that hold something somewhere, through lists."""
    names: dict[Path, None] = {}
    for holder, at in _holders(value, path):
        for name, each in holder.items():
            if each not in (None, "", [], {}):
                names[(*at, name)] = None
    yield from names


def _holders(value: Any, path: Path, at: Path = ()) -> Iterator[tuple[dict[str, Any], Path]]:
    """Objects at a path or in lists at it, with the path that names them."""
    if type(value) is list:
        own, rest = (_ITEM,), path[1:] if path[:1] == (_ITEM,) else path
        for each in value:
            yield from _holders(each, rest, (*at, *own))
    elif type(value) is dict:
        if not path:
            yield value, at
        elif path[0] in value:
            yield from _holders(value[path[0]], path[1:], (*at, path[0]))


def _without(value: Any, path: Path) -> Any:
    """The value without the members at a path."""
    if type(value) is list:
        return [_without(each, path[1:]) for each in value] if path[0] == _ITEM else value
    if type(value) is not dict or path[0] not in value:
        return value
    if len(path) == 1:
        return {name: each for name, each in value.items() if name != path[0]}
    return {**value, path[0]: _without(value[path[0]], path[1:])}
