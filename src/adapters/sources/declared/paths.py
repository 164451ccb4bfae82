"""Ways to a value inside a decoded JSON document, compiled once."""

from collections.abc import Callable
from typing import Any

type Finder = Callable[[Any], Any]


def finder(path: str) -> Finder:
    """A function from a document to the value at a dotted path; None where there is none.

    A part is a member's name, or the place in a list, counted from 0. The empty path is the
    document itself.
    """
    parts = path.split(".") if path else []
    steps = [(part, int(part) if part.isascii() and part.isdigit() else None) for part in parts]

    def find(value: Any) -> Any:
        for name, place in steps:
            if type(value) is dict:
                value = value.get(name)
            elif type(value) is list and place is not None and place < len(value):
                value = value[place]
            else:
                return None
        return value

    return find


def first_of(paths: tuple[str, ...]) -> Finder:
    """The first value that is neither null nor empty text, of several paths."""
    finders = [finder(path) for path in paths]
    if len(finders) == 1:
        return finders[0]

    def find(value: Any) -> Any:
        found = (each(value) for each in finders)
        return next((each for each in found if each is not None and each != ""), None)

    return find
