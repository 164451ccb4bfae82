"""Traits of one NFT, in every shape that contracts send (docs.opensea.io/docs/metadata-standards).

A trait is a tuple (trait_type, value, value_number, display_type, max_value).
"""

import math
import re
from collections.abc import Mapping
from typing import Any

from adapters.sources.json_documents import MAX_TEXT, ExactNumber, decode, encode, text
from domain.errors import ParseError

MAX_TRAITS = 1000
_OTHER_NAMES = ("traitType", "name", "key", "type")
_NUMERIC = frozenset({"number", "boost_number", "boost_percentage", "date"})
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_LONGEST_NUMBER = 400
_DOUBLE_BITS = 1023
_LATEST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z
_EARLIEST_SECOND = -62_135_596_800  # 0001-01-01T00:00:00Z
_FIRST_MILLISECOND = 1e11  # as seconds this would be the year 5138
_PLAIN = 2  # members
_THOUSANDS = 3  # milliseconds, microseconds, nanoseconds

type Trait = tuple[str | None, str | None, float | None, str | None, str | None]


def read_traits(document: Mapping[str, Any]) -> list[Trait]:
    """The traits of a metadata document: `attributes`, else `traits`, else `properties`.

    A list may hold objects, lists, strings and numbers; an object maps names to values.

    Raises:
        ParseError: more than MAX_TRAITS, or one longer than MAX_TEXT.
    """
    found = document.get("attributes") or document.get("traits")
    if not found and isinstance(properties := document.get("properties"), dict):
        found = properties
    return list_traits(found)


def list_traits(found: Any) -> list[Trait]:
    """The traits of a value of any shape; nulls and empty members are passed over.

    Raises:
        ParseError: more than MAX_TRAITS, or one longer than MAX_TEXT.
    """
    traits: list[Trait] = []
    if found:
        _collect(_embedded(found) if type(found) is str else found, traits)
    return traits


def _collect(found: Any, traits: list[Trait]) -> None:
    if type(found) is list:
        _collect_list(found, traits)
    elif type(found) is dict and "trait_type" not in found:
        _collect_map(found, traits)
    elif type(found) is dict:
        traits.append(_described(found))
    else:
        traits.append(_trait(None, found))


def _collect_list(found: list[Any], traits: list[Trait]) -> None:
    _check_count(len(found))
    for member in found:
        try:
            name, value = member["trait_type"], member["value"]
        except (KeyError, TypeError):
            _collect_member(member, traits)
            continue
        short = type(name) is str is type(value) and len(value) + len(name) < MAX_TEXT
        if short and len(member) == _PLAIN:
            traits.append((name, value, None, None, None))  # as almost all are
        else:
            traits.append(_described(member))
    _check_count(len(traits))


def _collect_member(member: Any, traits: list[Trait]) -> None:
    if type(member) is dict:
        if "value" in member or "trait_type" in member:
            traits.append(_described(member))
        else:
            _collect_map(member, traits)
    elif type(member) is list:
        _collect(member, traits)
        _check_count(len(traits))
    elif member is not None and member != "":
        traits.append(_trait(None, member))


def _collect_map(found: dict[str, Any], traits: list[Trait]) -> None:
    """All traits of an object that maps names to values."""
    _check_count(len(traits) + len(found))
    for name, value in found.items():
        if type(value) is dict and "value" in value:  # ERC-1155 "rich" properties
            traits.append(_described({**value, "trait_type": name}))
        else:
            traits.append(_trait(name, value))


def _check_count(count: int) -> None:
    if count > MAX_TRAITS:
        message = f"more than {MAX_TRAITS} traits"
        raise ParseError(message)


def _described(found: dict[str, Any]) -> Trait:
    name = found.get("trait_type")
    if name is None:
        name = next((found[key] for key in _OTHER_NAMES if found.get(key) is not None), None)
    return _trait(name, found.get("value"), found.get("display_type"), found.get("max_value"))


def _trait(name: Any, value: Any, display: Any = None, most: Any = None) -> Trait:
    display = text(display)
    return (text_of(name), text_of(value), value_number(value, display), display, text_of(most))


def text_of(value: Any) -> str | None:
    """The value as sent: text as it is, numbers by their digits, objects and lists as JSON."""
    if value is None:
        return None
    if type(value) is int:
        return str(value)
    if type(value) is str:
        words: str = value
    else:
        words = value.text if type(value) is ExactNumber else encode(value)
    _check_length(len(words))
    return words


def _check_length(characters: int) -> None:
    if characters > MAX_TEXT:
        message = f"a trait longer than {MAX_TEXT} characters"
        raise ParseError(message)


def value_number(value: Any, display: str | None) -> float | None:
    """A finite number, or null; a date in seconds since 1970, whatever unit it came in."""
    if type(value) is str:
        if display not in _NUMERIC or len(value) > _LONGEST_NUMBER:
            return None
        number = float(value) if _NUMBER.fullmatch(value) else math.nan
    elif type(value) is int:
        number = float(value) if value.bit_length() <= _DOUBLE_BITS else math.inf
    else:
        number = float(value) if type(value) is ExactNumber else math.nan
    if not math.isfinite(number):
        return None
    return _seconds(number) if display == "date" else number


def _seconds(number: float) -> float | None:
    for _ in range(_THOUSANDS):
        if abs(number) >= _FIRST_MILLISECOND:
            number /= 1000
    return number if _EARLIEST_SECOND <= number <= _LATEST_SECOND else None


def _embedded(found: str) -> Any:
    """What a string holds that is itself JSON; else the string."""
    if found.lstrip()[:1] not in ("[", "{"):
        return found
    try:
        return decode(found.encode(errors="replace"))
    except ParseError:
        return found
