"""Open-Meteo: forecast, archive and geocoder, with weighted limits told in words alone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.asked import Asked, Upstream
from entrypoints.sandbox.gazetteer import search, zone_at
from entrypoints.sandbox.made_up_weather import daily, hourly
from entrypoints.sandbox.plain_answers import plain_json

_ARCHIVE_LAG = 5  # days
_ARCHIVE_BEGINS = date(1940, 1, 1)
_FORECAST_DAYS, _PAST_DAYS = 16, 92
_MOST_WEIGHT = 5000.0
_LIMITS = (
    ("Minutely", 60, 600, "Please try again in one minute."),
    ("Hourly", 3600, 5000, "Please try again in the next hour."),
    ("Daily", 86_400, 10_000, "Please try again tomorrow."),
)
_ONE_DAY = timedelta(days=1)
_GRID = 0.05  # degrees; answers name the middle of a cell


class _RefusedError(Exception):
    """An answer of 400, with its reason."""


class OpenMeteoRoutes(Upstream):
    """Answers below `/v1` of all three hosts."""

    def __init__(self) -> None:
        self._used: dict[str, tuple[int, float]] = {}

    def answer(self, asked: Asked) -> Answer | None:
        """One request, with its weight counted."""
        if asked.path not in ("/v1/forecast", "/v1/archive", "/v1/search"):
            return None
        try:
            if asked.path == "/v1/search":
                return plain_json(_search(asked))
            query = _Query(asked)
            if (limited := self._count(query.weight, asked.now)) is not None:
                return _error(429, limited)
            found = [query.place(number) for number in range(len(query.places))]
            return plain_json(found[0] if len(found) == 1 else found)
        except _RefusedError as refused:
            return _error(400, str(refused))

    def _count(self, weight: float, now: float) -> str | None:
        for name, seconds, most, advice in _LIMITS:
            period, used = self._used.get(name, (0, 0.0))
            if period == int(now // seconds) and used >= most:
                return f"{name} API request limit exceeded. {advice}"
        for name, seconds, _, _ in _LIMITS:
            period, used = self._used.get(name, (0, 0.0))
            current = int(now // seconds)
            self._used[name] = (current, weight + (used if period == current else 0.0))
        return None


class _Query:
    """A request for weather.

    Raises:
        _RefusedError: it makes no sense.
    """

    def __init__(self, asked: Asked) -> None:
        query = asked.query
        self._now = asked.now
        self._archive = asked.path == "/v1/archive"
        self.places = list(
            zip(_numbers(query, "latitude"), _numbers(query, "longitude"), strict=False)
        )
        if not self.places:
            _refuse("Parameter 'latitude' and 'longitude' must have the same number of elements")
        self._hourly = [name for name in query.get("hourly", "").split(",") if name]
        self._daily = [name for name in query.get("daily", "").split(",") if name]
        self._unix = query.get("timeformat") == "unixtime"
        self._auto = query.get("timezone") == "auto"
        self._window = self._dates(asked)
        days = (self._window[1] - self._window[0]).days + 1
        units = (len(self._hourly) + len(self._daily)) / 10
        self.weight = len(self.places) * max(1.0, units, units * days / 14)
        if self.weight > _MOST_WEIGHT:
            _refuse("Your API call requests too much data. Please reduce it.")

    def _dates(self, asked: Asked) -> tuple[date, date]:
        query = asked.query
        today = datetime.fromtimestamp(self._now, UTC).date()
        if "start_date" not in query and not self._archive:
            past, ahead = int(query.get("past_days", "0")), int(query.get("forecast_days", "7"))
            if not 0 <= past <= _PAST_DAYS or not 0 <= ahead <= _FORECAST_DAYS:
                _refuse("Forecast days is invalid. Allowed range 0 to 16.")
            return today - past * _ONE_DAY, today + (ahead - 1) * _ONE_DAY
        first = _ARCHIVE_BEGINS if self._archive else today - _PAST_DAYS * _ONE_DAY
        last = today if self._archive else today + _FORECAST_DAYS * _ONE_DAY
        try:
            start, end = (date.fromisoformat(query[name]) for name in ("start_date", "end_date"))
        except (KeyError, ValueError):
            _refuse("Parameter 'start_date' and 'end_date' must be set")
        for name, day in (("start_date", start), ("end_date", end)):
            if not first <= day <= last:
                _refuse(f"Parameter '{name}' is out of allowed range from {first} to {last}")
        if end < start:
            _refuse("End-date must be larger or equals than start-date")
        return start, end

    def place(self, number: int) -> dict[str, Any]:
        """The answer for one place."""
        latitude, longitude = self.places[number]
        zone = zone_at(latitude, longitude) if self._auto else "GMT"
        moment = datetime.fromtimestamp(self._now, UTC)
        shift = (moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds()
        offset = int(shift)
        answer: dict[str, Any] = {
            "latitude": round(round(latitude / _GRID) * _GRID, 6),
            "longitude": round(round(longitude / _GRID) * _GRID, 6),
            "generationtime_ms": self._now % 1,
            "utc_offset_seconds": offset,
            "timezone": zone,
            "timezone_abbreviation": "GMT",
            "elevation": 38.0,
        }
        if number:
            answer["location_id"] = number
        local = (moment + timedelta(seconds=offset)).date() - moment.date()
        days = [
            self._window[0] + (0 if self._archive else local.days) * _ONE_DAY + n * _ONE_DAY
            for n in range((self._window[1] - self._window[0]).days + 1)
        ]
        begins = [
            int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - offset
            for day in days
        ]
        known = self._now - _ARCHIVE_LAG * 86_400 if self._archive else float("inf")
        for block, names, times in (
            ("hourly", self._hourly, [b + n * 3600 for b in begins for n in range(24)]),
            ("daily", self._daily, begins),
        ):
            if names:
                answer[block] = self._block(block, names, times, (latitude, longitude, known))
        return answer

    def _block(
        self, block: str, names: list[str], times: list[int], where: tuple[float, float, float]
    ) -> dict[str, Any]:
        latitude, longitude, known = where
        value = hourly if block == "hourly" else daily
        shown = times if self._unix else [_iso(at, block) for at in times]
        columns: dict[str, Any] = {"time": shown}
        for name in names:
            if value(name, latitude, longitude, 0.0) is None:
                _refuse(f"Data corrupted at path ''. Cannot initialize from invalid value {name}.")
            columns[name] = [
                value(name, latitude, longitude, at) if at < known else None for at in times
            ]
        return columns


def _search(asked: Asked) -> dict[str, Any]:
    count = asked.query.get("count", "10")
    if not count.isdecimal() or not 1 <= int(count) <= 100:  # noqa: PLR2004 - as its words say
        _refuse("Parameter count must be between 1 and 100.")
    found = search(asked.query.get("name", ""), int(count))
    timing = {"generationtime_ms": 0.15}
    return {"results": found, **timing} if found else timing


def _numbers(query: Any, name: str) -> list[float]:
    try:
        return [float(each) for each in query.get(name, "").split(",") if each]
    except ValueError:
        _refuse(f"Value of type 'Float' required for key '{name}'.")


def _iso(at: int, block: str) -> str:
    moment = datetime.fromtimestamp(at, UTC)
    return moment.strftime("%Y-%m-%d" if block == "daily" else "%Y-%m-%dT%H:%M")


def _refuse(reason: str) -> NoReturn:
    raise _RefusedError(reason)


def _error(status: int, reason: str) -> Answer:
    return plain_json({"error": True, "reason": reason}, status)
