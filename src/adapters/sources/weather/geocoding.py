"""Open-Meteo's geocoder (`/v1/search`): from a name to a place."""

from collections.abc import Sequence
from typing import Any

from adapters.sources.json_documents import text
from adapters.sources.weather.places import Place, is_on_earth
from domain.errors import NotFoundError, ParseError

_SHOWN = 5
_DETAILS = ("elevation", "timezone", "name", "admin1", "country", "country_code")
_COUNTS = ("population", "id")
_QUALIFIERS = ("admin1", "admin2", "country", "country_code")
_LARGEST = 2**53


def search_words(name: str) -> str:
    """What the geocoder is asked: a name without what tells it from others of the same."""
    return name.partition(",")[0].strip()


def choose(answer: Any, name: str, pick: int) -> tuple[Place, str | None]:
    """The place that is meant, and what to say about others of the name.

    Args:
        answer: of the geocoder.
        name: a name, perhaps with a state or a country behind a comma.
        pick: which of the matches, from 1.

    Raises:
        NotFoundError: no place of that name, or none with that number.
        ParseError: not an answer of the geocoder.
    """
    found = found_places(answer, name)
    matches = [each for each in found if _qualifies(each, name)]
    if not matches:
        names = [_shown(each) for each in found]
        hint = "Others of the name: " + "; ".join(names[:_SHOWN]) + "."
        raise NotFoundError(what="place", name=name, known=names, hint=hint)
    if pick > len(matches):
        hint = f"There are {len(matches)}: {_listed(matches)}."
        raise NotFoundError(what=f"place {pick} of those", name=name, hint=hint)
    meant = matches[pick - 1]
    own = text(meant.get("name")) or search_words(name)
    label = own if meant is found[0] else _label(own, meant, found)
    note = None
    if len(matches) > 1:
        note = (
            f"{name} was taken to be {_shown(meant)}; there are {_listed(matches)}. Choose by "
            "-p pick=N or by a name as 'Paris, Texas'"
        )
    return _place(label, meant), note


def found_places(answer: Any, name: str) -> list[dict[str, Any]]:
    """The places of an answer, the largest first; none where nothing has the name.

    Raises:
        ParseError: not an answer of the geocoder.
    """
    results = answer.get("results", []) if type(answer) is dict else None
    if type(results) is not list:
        message = f"The geocoder's answer for {name} is not a list of places."
        raise ParseError(message)
    return [each for each in results if type(each) is dict and _is_place(each)]


def _is_place(found: dict[str, Any]) -> bool:
    north, east = _number(found.get("latitude")), _number(found.get("longitude"))
    return north is not None and east is not None and is_on_earth(north, east)


def _label(own: str, meant: dict[str, Any], found: Sequence[dict[str, Any]]) -> str:
    """A name that no other place of the answer has."""
    region = _region(meant)
    same = [each for each in found if text(each.get("name")) == own and _region(each) == region]
    number = f", {meant.get('id')}" if len(same) > 1 else ""
    return f"{own} ({region}{number})"


def _qualifies(found: dict[str, Any], name: str) -> bool:
    wanted = [word.strip().casefold() for word in name.split(",")[1:] if word.strip()]
    known = {str(found.get(member) or "").casefold() for member in _QUALIFIERS}
    return all(word in known for word in wanted)


def _place(label: str, found: dict[str, Any]) -> Place:
    details: dict[str, Any] = {}
    for name in _DETAILS:
        value = found.get(name)
        details[name] = _number(value) if name == "elevation" else text(value)
    for name in _COUNTS:
        value = found.get(name)
        details[name] = value if type(value) is int and 0 <= value < _LARGEST else None
    return Place(label, float(found["latitude"]), float(found["longitude"]), details)


def _number(value: Any) -> float | None:
    fits = isinstance(value, int | float) and type(value) is not bool and abs(value) < _LARGEST
    return float(value) if fits else None


def _listed(matches: Sequence[dict[str, Any]]) -> str:
    shown = [f"{n}: {_shown(each)}" for n, each in enumerate(matches[:_SHOWN], 1)]
    more = f" and {len(matches) - _SHOWN} more" if len(matches) > _SHOWN else ""
    return "; ".join(shown) + more


def _shown(found: dict[str, Any]) -> str:
    people = found.get("population")
    size = f", {people:,} people" if type(people) is int else ""
    return f"{text(found.get('name')) or '?'} ({_region(found)}{size})"


def _region(found: dict[str, Any]) -> str:
    words = (text(found.get("admin1")), text(found.get("country_code")))
    return ", ".join(word for word in words if word) or "?"
