"""How many members the objects of a JSON document have, and how many of them it repeats."""

import re
from itertools import chain
from typing import Any, NamedTuple

MAX_MEMBERS = 1000

_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_CONTAINERS = frozenset({dict, list})


class Members(NamedTuple):
    """What was found.

    Attributes:
        wide: an object, at any depth, has more than MAX_MEMBERS members.
        repeated: members that a later one of the same name took the place of.
    """

    wide: bool = False
    repeated: int = 0


_ORDINARY = Members()


class Outline(NamedTuple):
    """What a value is made of.

    Attributes:
        members: of all its objects.
        widest: members of the object that has the most.
        containers: objects and lists.
        depth: of their nesting; 0 for a value that is none.
    """

    members: int
    widest: int
    containers: int
    depth: int


def members_of(body: bytes, value: Any, outline: Outline | None = None) -> Members:
    """The members of the document that `body` is and `value` was read from.

    The parser keeps the last of several members of one name and does not tell. As many names
    are written as members are found in almost all documents, and no more is asked of those.
    """
    written = body.count(b'":')
    if outline is None:
        if written <= MAX_MEMBERS and written == _near(value):
            return _ORDINARY
        outline = outline_of(value)
    if outline.members != written:
        written = _STRING.sub(b"", _ESCAPED.sub(b"", body)).count(b":")
    return Members(outline.widest > MAX_MEMBERS, written - outline.members)


def outline_of(value: Any) -> Outline:
    """Looks at all of a value, one level after the other."""
    members = widest = containers = depth = 0
    level = [value] if type(value) in _CONTAINERS else []
    while level:
        depth += 1
        containers += len(level)
        objects = [each for each in level if type(each) is dict]
        lists = [each for each in level if type(each) is list]
        sizes = [*map(len, objects)]
        members += sum(sizes)
        widest = max(widest, max(sizes, default=0))
        inner = [*chain.from_iterable(map(dict.values, objects)), *chain.from_iterable(lists)]
        # Of what the deepest level holds nothing is a container: told at once.
        deepest = _CONTAINERS.isdisjoint(map(type, inner))
        level = [] if deepest else [each for each in inner if type(each) in _CONTAINERS]
    return Outline(members, widest, containers, depth)


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
