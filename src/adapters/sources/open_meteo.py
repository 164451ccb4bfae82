"""Open-Meteo: hourly and daily weather of places, past and forecast.

No key for non-commercial use; data by Open-Meteo.com under CC BY 4.0. One request at a time;
requests weigh by variables, days and places, 600 a minute, 5,000 an hour, 10,000 a day
(https://open-meteo.com/en/docs, https://open-meteo.com/en/pricing).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from adapters.sources.candles.numbers import EPOCH, upstream_time
from adapters.sources.candles.windows import check_order, most
from adapters.sources.json_documents import decode_answer
from adapters.sources.weather.geocoding import choose, found_places
from adapters.sources.weather.near_names import beginnings, near
from adapters.sources.weather.places import SEPARATOR, check_places
from adapters.sources.weather.tables import (
    DAILY_TABLE,
    EXPECTATIONS,
    HOURLY_TABLE,
    PLACES_TABLE,
)
from adapters.sources.weather.weather_limits import weather_limit
from adapters.sources.weather.weather_options import (
    MOST_FORECAST_DAYS,
    PARAMETERS,
    WeatherOptions,
)
from adapters.sources.weather.weather_pages import (
    answers_of,
    first_day,
    place_records,
    read_weather,
    with_beginnings,
)
from adapters.sources.weather.weather_walk import (
    ARCHIVE,
    ARCHIVE_BEGINS,
    GEOCODER,
    WeatherWalk,
    lookup_request,
)
from domain.errors import FetchError, NotFoundError, ParseError, UsageError
from domain.rate_limits import RateLimit
from domain.requests import Request, Response
from domain.sources import Options, Page, Source, SourcePolicy, Window

_ONE_DAY = timedelta(days=1)
_PROVISIONAL = 10 * _ONE_DAY
"""How long the archive may still be corrected."""

_FIRST_DAYS = 7 * _ONE_DAY
"""How far back from its end a first run without --since goes."""


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    check_order(window)
    begins = datetime.combine(ARCHIVE_BEGINS, time(), UTC)
    if window.since and window.since < begins:
        message = f"--since {window.since:%Y-%m-%d} is too early: the archive begins {begins:%Y}."
        raise UsageError(message)
    names = tuple(target.split(SEPARATOR))
    chosen = WeatherOptions.read(options, len(names))
    left = most(options)
    if left == 0:
        return ()
    since = window.since or window.complete_until
    walk = WeatherWalk(
        chosen,
        names,
        since=_seconds(since),
        until=_seconds(window.until),
        bounded=bool(window.since or window.until),
        left=left,
    )
    return [walk.next_request()]


def _parse(request: Request, response: Response) -> Page:
    walk = WeatherWalk.from_context(request.context)
    try:
        answer = decode_answer(response)
        if request.kind == "place":
            return _read_place(answer, walk)
        if request.kind == "near":
            return _look_near(walk, near(answer, walk.names[0]))
        answers = answers_of(answer, walk.places)
        if request.kind == "forecast":
            return _read_forecast(answers, walk, upstream_time(response))
        return _read_archive(answers, walk)
    except ParseError as error:
        message = f"The {request.kind} for {walk.shown} cannot be read: {error}."
        raise ParseError(message) from error


def _read_place(answer: Any, walk: WeatherWalk) -> Page:
    if not found_places(answer, walk.names[0]):
        return _look_near(walk, near({}, walk.names[0]))
    place, note = choose(answer, walk.names[0], walk.options.pick)
    following = replace(walk, names=walk.names[1:]).with_place(place)
    return Page(requests=(following.next_request(),), notes=(note,) if note else ())


def _look_near(walk: WeatherWalk, unknown: NotFoundError) -> Page:
    """Ask for a shorter beginning of an unknown name; raises when names are near, or none left."""
    left = beginnings(walk.names[0])[walk.shortened :]
    if unknown.suggestions or not left:
        raise unknown
    further = replace(walk, shortened=walk.shortened + 1)
    return Page(requests=(lookup_request(further, left[0]),))


def _read_forecast(answers: Sequence[Mapping[str, Any]], walk: WeatherWalk, now: datetime) -> Page:
    if walk.since is not None:
        since = EPOCH + timedelta(seconds=walk.since)
    else:
        ends = now if walk.until is None else min(now, EPOCH + timedelta(seconds=walk.until))
        since = ends - _FIRST_DAYS
    if since > now + MOST_FORECAST_DAYS * _ONE_DAY:
        message = f"--since {since:%Y-%m-%d} lies further ahead than any forecast."
        raise UsageError(message)
    walk = replace(walk, places=with_beginnings(answers, walk.places))
    page = _weather_page(answers, walk, observed=False)
    last = max(map(first_day, answers, walk.places)) - _ONE_DAY
    final = (now - _PROVISIONAL).replace(hour=0, minute=0, second=0, microsecond=0)
    if walk.until is not None:
        until = EPOCH + timedelta(seconds=walk.until)
        last, final = min(last, (until + _ONE_DAY).date()), min(final, until)
    walk = replace(walk, last=last, left=walk.left_after(page.items))
    requests = () if walk.left == 0 else tuple(walk.chunks_from(since))
    whole = walk.left is None and since < final
    return replace(
        page,
        records={**page.records, "places": [*place_records(answers, walk.places)]},
        requests=requests,
        complete_until=final if whole else None,
    )


def _read_archive(answers: Sequence[Mapping[str, Any]], walk: WeatherWalk) -> Page:
    page = _weather_page(answers, walk, observed=True)
    walk = replace(walk, left=walk.left_after(page.items))
    following = None
    if walk.left != 0 and walk.end is not None:
        following = walk.archive_request(walk.end + _ONE_DAY)
    return replace(page, requests=(following,) if following else ())


def _weather_page(
    answers: Sequence[Mapping[str, Any]], walk: WeatherWalk, *, observed: bool
) -> Page:
    weather = read_weather(answers, walk, observed=observed)
    hourly, daily = weather.hourly[: walk.left], weather.daily[: walk.left]
    items = len(hourly) if walk.options.hourly else len(daily)
    return Page(records={"hourly": hourly, "daily": daily}, items=items)


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    if request.kind == "near":
        raise near({}, WeatherWalk.from_context(request.context).names[0]) from error
    raise error


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else -((EPOCH - at) // timedelta(seconds=1))


SOURCE = Source(
    name="open_meteo",
    domain="weather",
    title="Open-Meteo: weather of places, past and forecast",
    example_target="Berlin",
    tables=(HOURLY_TABLE, DAILY_TABLE, PLACES_TABLE),
    policy=SourcePolicy(
        base_url="https://api.open-meteo.com",
        hosts={
            ARCHIVE: "https://archive-api.open-meteo.com",
            GEOCODER: "https://geocoding-api.open-meteo.com",
        },
        limits=(RateLimit(600, 60.0), RateLimit(5000, 3600.0), RateLimit(10_000, 86_400.0)),
        concurrency=1,
        limited=weather_limit,
    ),
    check_target=check_places,
    start=_start,
    parse=_parse,
    failed=_failed,
    default_span=_FIRST_DAYS,
    parameters=PARAMETERS,
    expectations=EXPECTATIONS,
)
