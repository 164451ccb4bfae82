"""Records that an answer holds as columns: an object of lists of one length."""

from typing import Any

from domain.errors import ParseError

SHAPES = ("rows", "columns")


def rows_of(value: Any, target: str) -> list[dict[str, Any]]:
    """The records; members that are no lists belong to none and are left out.

    Raises:
        ParseError: no object, no list in it, or lists of different lengths.
    """
    members = value.items() if type(value) is dict else ()
    columns = {name: each for name, each in members if type(each) is list}
    if not columns:
        message = f"The answer for {target} holds no columns."
        raise ParseError(message)
    if len({len(each) for each in columns.values()}) > 1:
        lengths = ", ".join(f"{name} {len(each)}" for name, each in list(columns.items())[:5])
        message = f"The columns of the answer for {target} differ in length: {lengths}."
        raise ParseError(message)
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
