"""Documents with any part dropped, nulled, retyped, nested, doubled or cut off."""

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

type Path = tuple[Any, ...]

_ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**70,
    1e308,
    float("nan"),
    "",
    "x",
    "\ufffd",
    "\ud800",
    "\0/..\u202e",
    [],
    {},
)


def paths(value: Any, path: Path = ()) -> list[Path]:
    """Where the parts of a document stand; of a long list the first and the last few."""
    found = [path]
    if isinstance(value, dict):
        for name, each in value.items():
            found += paths(each, (*path, name))
    elif isinstance(value, list):
        for position in {*range(min(3, len(value))), *range(max(0, len(value) - 1), len(value))}:
            found += paths(value[position], (*path, position))
    return found


def changed(document: Any, path: Path, change: Callable[[Any, Any], None]) -> Any:
    """A copy of a document, changed at a place."""
    copy = {"": deepcopy(document)}
    parent: Any = copy
    for step in ("", *path)[:-1]:
        parent = parent[step]
    change(parent, ("", *path)[-1])
    return copy.get("")


def drop(parent: Any, member: Any) -> None:
    del parent[member]


def nest(parent: Any, member: Any) -> None:
    parent[member] = [parent[member]]


def twice(parent: Any, member: Any) -> None:
    if isinstance(parent, list):
        parent.insert(member, parent[member])


def retype(odd: Any) -> Callable[[Any, Any], None]:
    def change(parent: Any, member: Any) -> None:
        parent[member] = odd

    return change


_CHANGES = (drop, nest, twice, *map(retype, _ODD))


def mutated_bodies(document: Any) -> st.SearchStrategy[bytes]:
    """A JSON text with one or two changes, perhaps cut off."""

    @st.composite
    def build(draw: st.DrawFn) -> bytes:
        value = document
        for _ in range(draw(st.integers(1, 2))):
            path = draw(st.sampled_from(paths(value)))
            value = changed(value, path, draw(st.sampled_from(_CHANGES)))
        body = json.dumps(value).encode()
        return body[: draw(st.integers(0, len(body)))] if draw(st.booleans()) else body

    return build()
