"""Metadata documents as most are: texts and whole numbers, and a list of traits.

They are read in two thirds of the time. A document that is anything else is read by
`json_documents` and `traits`, which say the same about a usual one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from adapters.sources.json_documents import MAX_TEXT, text
from adapters.sources.json_members import MAX_MEMBERS
from adapters.sources.nft.traits import text_of, value_number


class _Trait(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    trait_type: str
    value: str | int | bool | None
    display_type: str | UnsetType | None = UNSET
    max_value: str | int | bool | UnsetType | None = UNSET


_DECODER = msgspec.json.Decoder(dict[str, list[_Trait] | str | int | bool | None])
_NAMED = 2  # members that each trait has

type UsualDocument = tuple[Mapping[str, Any], Sequence[Sequence[object]]]
"""Its members without the traits; the traits by column, as a `Trait` has them."""


def read_usual(body: bytes) -> UsualDocument | None:
    """A document with traits; None where it is not a usual one, or not for certain."""
    try:
        members = _DECODER.decode(body)
    except (ValueError, RecursionError):
        return None
    found = members.pop("attributes", None)
    if type(found) is not list or not found:
        return None
    for each in members.values():
        if type(each) is list:
            return None
    nothing = (None,) * len(found)
    columns: list[Any] = [
        [trait.trait_type for trait in found],
        [trait.value for trait in found],
        nothing,
        nothing,
        nothing,
    ]
    count = 1 + len(members) + _NAMED * len(found)
    special = [
        at
        for at, trait in enumerate(found)
        if trait.display_type is not UNSET
        or trait.max_value is not UNSET
        or type(trait.value) is not str
    ]
    if special:
        columns[2:] = [[*nothing], [*nothing], [*nothing]]
        for at in special:
            count += _add(columns, at, found[at])
    # As many names are written as members were found: none was there twice.
    if body.count(b'":') != count or count > MAX_MEMBERS or len(body) > MAX_TEXT:
        return None
    return members, columns


def _add(columns: Sequence[list[Any]], at: int, trait: _Trait) -> int:
    """What a trait has besides two texts; the number of its further members."""
    _, values, numbers, displays, most = columns
    value, display, limit = trait.value, trait.display_type, trait.max_value
    further = 0
    if display is UNSET:
        display = None
    else:
        displays[at] = display = text(display)
        further += 1
    if limit is not UNSET:
        most[at] = text_of(limit)
        further += 1
    values[at] = text_of(value)
    numbers[at] = value_number(value, display)
    return further
