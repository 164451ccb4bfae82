"""Places that a target names."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from domain.errors import UsageError

SEPARATOR = "+"
MOST_PLACES = 50
_LONGEST_NAME = 80
_SHORTEST_NAME = 2
_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,10})?"
_COORDINATES = re.compile(rf"({_NUMBER})\s*,\s*({_NUMBER})", re.ASCII)
_NORTH, _EAST = 90.0, 180.0


@dataclass(frozen=True, slots=True)
class Place:
    """A place whose coordinates are known.

    Attributes:
        label: what the tables call it.
        details: elevation, time zone and so on, as the geocoder has them.
        forecast_from: first moment that a forecast has answered, in epoch seconds.
    """

    label: str
    latitude: float
    longitude: float
    details: Mapping[str, Any]
    forecast_from: int | None = None

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """The place that `to_context` wrote."""
        return cls(**context)

    def to_context(self) -> dict[str, Any]:
        """The place as JSON values."""
        return asdict(self)


def check_places(target: str) -> str:
    """One place or several, joined by `+`, in one spelling.

    Raises:
        UsageError: none, too many, or something that is neither a name nor coordinates.
    """
    parts = [_spelled(part) for part in re.split(r"\s*\+\s*", target.strip()) if part]
    parts = list(dict.fromkeys(parts))
    if not 1 <= len(parts) <= MOST_PLACES:
        message = f"A target names 1 to {MOST_PLACES} places, joined by '{SEPARATOR}'."
        raise UsageError(message)
    return SEPARATOR.join(parts)


def coordinates(part: str) -> Place | None:
    """The place that a part of a target says by coordinates; None for a name.

    Raises:
        UsageError: they lie outside the Earth.
    """
    match = _COORDINATES.fullmatch(part)
    if match is None:
        return None
    north, east = float(match[1]), float(match[2])
    if not is_on_earth(north, east):
        message = f"{part!a} lies outside the Earth: give latitude,longitude as 52.52,13.41."
        raise UsageError(message)
    return Place(f"{_digits(north)},{_digits(east)}", north, east, {})


def is_on_earth(north: float, east: float) -> bool:
    """Whether there are such coordinates."""
    return abs(north) <= _NORTH and abs(east) <= _EAST


def _spelled(part: str) -> str:
    if (place := coordinates(part)) is not None:
        return place.label
    name = " ".join(part.split())
    fits = _SHORTEST_NAME <= len(name) <= _LONGEST_NAME and name.isprintable()
    if not fits or not any(character.isalpha() for character in name):
        message = (
            f"{part[:60]!a} is not a place: give a name as Berlin or 'Paris, Texas', coordinates "
            "as 52.52,13.41, or several of these joined by '+'."
        )
        raise UsageError(message)
    return name


def _digits(number: float) -> str:
    """Five digits after the point, a metre on the ground, without zeros at the end."""
    return f"{number:.5f}".rstrip("0").rstrip(".") or "0"
