"""Answers of Open-Meteo with weather, for all places of a target."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from adapters.sources.json_documents import text
from adapters.sources.weather.columns import (
    daily_record,
    epoch_seconds,
    hourly_record,
    local_day,
    offset_of,
    rows,
)
from adapters.sources.weather.places import Place
from adapters.sources.weather.variables import DAILY, HOURLY
from adapters.sources.weather.weather_walk import WeatherWalk
from domain.errors import ParseError
from domain.tables import Record

_DAY = 86_400
_DETAILS = ("elevation", "timezone", "name", "admin1", "country", "country_code", "population")


class Weather(NamedTuple):
    """Rows of an answer."""

    hourly: Sequence[Record]
    daily: Sequence[Record]


def answers_of(answer: Any, places: Sequence[Place]) -> Sequence[Mapping[str, Any]]:
    """One object a place: one place is answered by an object, several by a list of them.

    Raises:
        ParseError: it is an error, or not one answer for each place.
    """
    found = answer if type(answer) is list else [answer]
    for each in found:
        if type(each) is not dict or each.get("error"):
            reason = text(each.get("reason")) if type(each) is dict else None
            message = f"no weather came, but: {(reason or 'something else')[:200]}"
            raise ParseError(message)
    if len(found) != len(places):
        message = f"{len(found)} answers came for {len(places)} places"
        raise ParseError(message)
    return found


def with_beginnings(
    answers: Sequence[Mapping[str, Any]], places: Sequence[Place]
) -> tuple[Place, ...]:
    """The places, knowing where their forecasts begin.

    Raises:
        ParseError: a forecast has no beginning.
    """
    return tuple(
        replace(place, forecast_from=_beginning(answer))
        for answer, place in zip(answers, places, strict=True)
    )


def first_day(answer: Mapping[str, Any], place: Place) -> date:
    """The day, by the clocks of the place, on which its forecast begins."""
    return local_day(place.forecast_from or 0, offset_of(answer))


def read_weather(
    answers: Sequence[Mapping[str, Any]], walk: WeatherWalk, *, observed: bool
) -> Weather:
    """The rows that a walk has asked for; of the archive those before the forecast's.

    Raises:
        ParseError: the answer is not what was asked for.
    """
    hourly: list[Record] = []
    daily: list[Record] = []
    kind = "observed" if observed else "forecast"
    for answer, place in zip(answers, walk.places, strict=True):
        offset = offset_of(answer)
        ends = place.forecast_from if observed else None
        if walk.options.hourly:
            found = rows(answer.get("hourly"), HOURLY, walk.options.hourly, offset)
            hourly += [
                hourly_record(place, kind, at, values)
                for at, values in found
                if walk.holds(at) and (ends is None or at < ends)
            ]
        if walk.options.daily:
            found = rows(answer.get("daily"), DAILY, walk.options.daily, offset)
            daily += [
                daily_record(place, kind, at, offset, values)
                for at, values in found
                if walk.holds(_midnight(local_day(at, offset))) and (ends is None or at < ends)
            ]
    return Weather(hourly, daily)


def place_records(
    answers: Sequence[Mapping[str, Any]], places: Sequence[Place]
) -> Iterator[Record]:
    """Rows of `places`; the forecast tells of those that are only known by coordinates."""
    for answer, place in zip(answers, places, strict=True):
        details = {
            "timezone": text(answer.get("timezone")),
            "elevation": _height(answer.get("elevation")),
            **{name: value for name, value in place.details.items() if value is not None},
        }
        known = [details.get(name) for name in _DETAILS]
        yield (place.label, place.latitude, place.longitude, *known, details.get("id"))


def _beginning(answer: Mapping[str, Any]) -> int:
    offset = offset_of(answer)
    blocks = [answer.get(name) for name in ("hourly", "daily")]
    times = [block.get("time") for block in blocks if type(block) is dict]
    first = [epoch_seconds(each[0], offset) for each in times if type(each) is list and each]
    if not first:
        message = "the forecast is empty"
        raise ParseError(message)
    return min(first)


def _midnight(day: date) -> int:
    """Where a day stands among moments, whatever its place: at its midnight in UTC."""
    return (day - date(1970, 1, 1)).days * _DAY


def _height(value: Any) -> float | None:
    fits = isinstance(value, int | float) and type(value) is not bool
    return float(value) if fits and abs(value) < _DAY else None
