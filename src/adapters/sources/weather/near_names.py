"""Names of places that look like one that the geocoder does not know.

The geocoder finds what begins with at least three letters, so that shorter beginnings of the name
are asked for, three at most, until one leads to a name that is near.
"""

from collections.abc import Sequence
from typing import Any

from adapters.sources.json_documents import text
from adapters.sources.weather.geocoding import found_places, search_words
from domain.errors import NotFoundError

_SHORTEST = 3
_SHARES = (0.75, 0.5, 0.0)
_HINT = "Names are looked up in English and in the place's own language; coordinates work too."


def beginnings(name: str) -> Sequence[str]:
    """What may be asked for in place of a name, one after another."""
    words = search_words(name)
    lengths = [max(_SHORTEST, round(len(words) * share)) for share in _SHARES]
    return list(dict.fromkeys(words[:length].strip() for length in lengths if length < len(words)))


def near(answer: Any, name: str) -> NotFoundError:
    """The error, with the places of an answer that are called alike."""
    found = {text(each.get("name")) or "" for each in found_places(answer, name)}
    return NotFoundError("place", search_words(name), found - {""}, _HINT)
