"""What is asked of Open-Meteo for the places of a target, and in which order.

Names are looked up one after another; then one request brings the forecast and the days that the
archive does not have yet; its answer says what day it is at each place, so that the archive can
be asked for all before it, in chunks.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Self

from adapters.sources.weather.geocoding import search_words
from adapters.sources.weather.places import Place, coordinates
from adapters.sources.weather.weather_options import WeatherOptions
from domain.requests import CacheMode, CachePolicy, Request

ARCHIVE, GEOCODER = "archive", "geocoding"
ARCHIVE_LAG = 5
"""Days that the archive is behind; the forecast's own past stands in for them."""

ARCHIVE_BEGINS = date(1940, 1, 1)
_CHUNK_WEIGHT = 50
_LONGEST_CHUNK = 366
_VARIABLES_PER_UNIT, _DAYS_PER_UNIT = 10, 14  # of weight
_MATCHES, _MOST_MATCHES = 20, 100
_ONE_DAY = timedelta(days=1)
_ASKED_ANEW = CachePolicy(CacheMode.REFRESH)
_A_MONTH = CachePolicy(CacheMode.KEEP, 30 * 86_400)


@dataclass(frozen=True, slots=True)
class WeatherWalk:
    """What every request of a run carries as its context.

    Attributes:
        names: parts of the target that have still to be looked up, the next one first; null for
            none.
        places: those that are known.
        since, until: the span that is asked for, in epoch seconds; None for open.
        bounded: rows outside the span are left out; else it is only where to go on.
        start, end: of an archive request, both inclusive.
        last: the last day that the archive is asked for.
        left: most rows of a table; None for all.
        shortened: how many beginnings of an unknown name were asked for.
    """

    options: WeatherOptions
    names: tuple[str, ...]
    places: tuple[Place, ...] = ()
    since: int | None = None
    until: int | None = None
    bounded: bool = False
    start: date | None = None
    end: date | None = None
    last: date | None = None
    left: int | None = None
    shortened: int = 0

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """The walk that a request carries."""
        options = context["options"]
        days = {name: context[name] for name in ("start", "end", "last")}
        return cls(
            options=WeatherOptions(
                tuple(options["hourly"]),
                tuple(options["daily"]),
                options["forecast_days"],
                options["pick"],
            ),
            names=tuple(context["names"]),
            places=tuple(map(Place.from_context, context["places"])),
            since=context["since"],
            until=context["until"],
            bounded=context["bounded"],
            left=context["left"],
            shortened=context["shortened"],
            **{name: date.fromisoformat(day) if day else None for name, day in days.items()},
        )

    @property
    def shown(self) -> str:
        """The places, for messages."""
        return ", ".join([*(place.label for place in self.places), *self.names])[:200]

    def with_place(self, place: Place) -> Self:
        """The walk with one more place, unless it is there already."""
        if any(each.label == place.label for each in self.places):
            return self
        return replace(self, places=(*self.places, place))

    def left_after(self, items: int) -> int | None:
        """How many rows may still come after some."""
        return None if self.left is None else max(0, self.left - items)

    def next_request(self) -> Request:
        """The request for the next name, or for the forecast when all places are known."""
        walk = self
        while walk.names and (place := coordinates(walk.names[0])):
            walk = replace(walk.with_place(place), names=walk.names[1:])
        return lookup_request(walk) if walk.names else forecast_request(walk)

    @property
    def variables(self) -> int:
        """How many are asked of each place."""
        return len(self.options.hourly) + len(self.options.daily)

    def archive_request(self, start: date) -> Request | None:
        """The request for the archive from a day on, as far as a chunk goes; None at the end."""
        if self.last is None or start > self.last:
            return None
        per_day = self.variables / _VARIABLES_PER_UNIT / _DAYS_PER_UNIT * len(self.places)
        length = max(1, min(_LONGEST_CHUNK, int(_CHUNK_WEIGHT / per_day)))
        return archive_request(
            replace(self, start=start, end=min(start + _ONE_DAY * (length - 1), self.last))
        )

    def to_context(self) -> dict[str, Any]:
        """The walk as JSON values."""
        days = (("start", self.start), ("end", self.end), ("last", self.last))
        return {
            "options": {
                "hourly": list(self.options.hourly),
                "daily": list(self.options.daily),
                "forecast_days": self.options.forecast_days,
                "pick": self.options.pick,
            },
            "names": list(self.names),
            "places": [asdict(each) for each in self.places],
            "since": self.since,
            "until": self.until,
            "bounded": self.bounded,
            "left": self.left,
            "shortened": self.shortened,
            **{name: day.isoformat() if day else None for name, day in days},
        }

    def holds(self, at: int) -> bool:
        """Whether a moment in epoch seconds is asked for."""
        if not self.bounded:
            return True
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def chunks_from(self, first: datetime) -> Iterator[Request]:
        """The first archive request of a run whose series begins at a moment."""
        start = max(ARCHIVE_BEGINS, (first - _ONE_DAY).date())
        if (request := self.archive_request(start)) is not None:
            yield request


def lookup_request(walk: WeatherWalk, beginning: str = "") -> Request:
    """The request for the first name that is not known yet, or for what begins like it."""
    return Request(
        kind="near" if beginning else "place",
        url="/v1/search",
        params=(
            ("name", beginning or search_words(walk.names[0])),
            ("count", str(_MOST_MATCHES if beginning else _MATCHES)),
            ("language", "en"),
            ("format", "json"),
        ),
        context=walk.to_context(),
        cache=_A_MONTH,
        host=GEOCODER,
    )


def forecast_request(walk: WeatherWalk) -> Request:
    """The request for the days ahead, and for those that the archive lacks."""
    ahead = walk.options.forecast_days
    window = (("past_days", str(ARCHIVE_LAG)), ("forecast_days", str(ahead)))
    return _data_request(walk, "forecast", "", window, ARCHIVE_LAG + ahead)


def archive_request(walk: WeatherWalk) -> Request:
    """The request for a chunk of the archive, from `start` to `end`."""
    start, end = walk.start or ARCHIVE_BEGINS, walk.end or ARCHIVE_BEGINS
    window = (("start_date", start.isoformat()), ("end_date", end.isoformat()))
    return _data_request(walk, "archive", ARCHIVE, window, (end - start).days + 1)


def _data_request(
    walk: WeatherWalk, kind: str, host: str, window: tuple[tuple[str, str], ...], days: int
) -> Request:
    lists = [("hourly", walk.options.hourly), ("daily", walk.options.daily)]
    units = walk.variables / _VARIABLES_PER_UNIT
    weight = len(walk.places) * max(1, units, units * days / _DAYS_PER_UNIT)
    return Request(
        kind=kind,
        url=f"/v1/{kind}",
        params=(
            ("latitude", ",".join(f"{each.latitude:.5f}" for each in walk.places)),
            ("longitude", ",".join(f"{each.longitude:.5f}" for each in walk.places)),
            *((name, ",".join(variables)) for name, variables in lists if variables),
            *window,
            ("timezone", "auto"),
            ("timeformat", "unixtime"),
        ),
        context=walk.to_context(),
        expands=True,
        cache=_ASKED_ANEW,
        weight=math.ceil(weight),
        host=host,
    )
