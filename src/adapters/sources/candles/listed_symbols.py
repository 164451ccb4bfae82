"""Symbols of an upstream, asked for only to help with one that it does not know."""

from typing import Any

from domain.errors import NotFoundError

_MOST = 100_000


def unknown_symbol(answer: Any, member: str, symbol: str, hint: str) -> NotFoundError:
    """The error, with those of the listed symbols that look alike.

    Args:
        answer: a list of objects, which hold a symbol each.
        member: by this name.
        symbol: the unknown one.
        hint: what a symbol looks like.
    """
    rows = answer[:_MOST] if type(answer) is list else []
    known = {row.get(member) for row in rows if type(row) is dict}
    names = {name for name in known if type(name) is str}
    return NotFoundError(what="symbol", name=symbol, known=names, hint=hint)
