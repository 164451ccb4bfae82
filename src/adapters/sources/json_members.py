"""How many members the objects of a JSON document have, and how many of them it repeats."""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

MAX_MEMBERS = 1000

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')


class Members(NamedTuple):
    """What was found.

    Attributes:
        wide: an object, at any depth, has more than MAX_MEMBERS members.
        repeated: members that a later one of the same name took the place of.
    """

    wide: bool = False
    repeated: int = 0


_ORDINARY = Members()


def members_of(body: bytes, value: Any) -> Members:
    """The members of the document that `body` is and `value` was read from.

    The parser keeps the last of several members of one name and does not tell. As many names
    are written as members are found in almost all documents, and no more is asked of those.
    """
    written = body.count(b'":')
    if written <= MAX_MEMBERS and written == _near(value):
        return _ORDINARY
    found, widest = _all(value)
    if found != written:
        written = _STRING.sub(b"", _ESCAPED.sub(b"", body)).count(b":")
    return Members(widest > MAX_MEMBERS, written - found)


def _near(value: Any) -> int:
    """Members of an object and of the objects that it holds; never more than there are."""
    if type(value) is not dict:
        return 0
    count = len(value)
    for member in value.values():
        if type(member) is list:
            for each in member:
                if type(each) is dict:
                    count += len(each)
        elif type(member) is dict:
            count += len(member)
    return count


def _all(value: Any) -> tuple[int, int]:
    """Members in all, and those of the object that has the most."""
    count = widest = 0
    waiting: list[Iterable[Any]] = [(value,)]
    while waiting:
        for each in waiting.pop():
            if type(each) is dict:
                count += len(each)
                widest = max(widest, len(each))
                waiting.append(each.values())
            elif type(each) is list:
                waiting.append(each)
    return count, widest
