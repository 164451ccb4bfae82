"""Real answers of Open-Meteo, and what is odd about them."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from adapters.sources.open_meteo import SOURCE
from adapters.sources.weather.weather_limits import weather_limit
from domain.errors import NotFoundError, ParseError, UsageError
from domain.headers import Headers
from domain.options import check_options
from domain.requests import Request
from domain.sources import Page, Window
from tests.fakes.recorded_answers import answer_of, recorded

CODE: dict[str, Any] = {"hourly": "weather_code", "daily": "weather_code"}


def first(target: str, window: Window | None = None, **options: Any) -> Request:
    checked = check_options(SOURCE, options, None)
    return SOURCE.start(SOURCE.check_target(target), window or Window(), checked)[0]


def read(request: Request, recording: str) -> Page:
    return SOURCE.parse(request, recorded(f"open_meteo/{recording}.json"))


def changed(recording: str, **members: Any) -> bytes:
    value = json.loads(recorded(f"open_meteo/{recording}.json").body)
    return json.dumps({**value, **members}).encode()


def test_columns_become_rows() -> None:
    """Coordinates are those asked for, not the grid's; times are UTC."""
    page = read(first("52.52,13.41", **CODE), "forecast_weather_code")

    assert len(page.records["hourly"]) == page.items == 168
    assert page.records["hourly"][0][:5] == (
        *("52.52,13.41", 52.52, 13.41),
        datetime(2023, 11, 13, tzinfo=UTC),
        "forecast",
    )
    days = [row[3:6] for row in page.records["daily"]]
    assert days[0] == (date(2023, 11, 13), "forecast", 80)
    assert page.records["places"] == [
        ("52.52,13.41", 52.52, 13.41, 38.0, "GMT", None, None, None, None, None, None)
    ]


def test_local_times_are_refused() -> None:
    """When clocks change some hours have none and some share one: epoch seconds are asked for."""
    request = first("-15.8,-47.9", hourly="temperature_2m", daily="none")
    assert ("timeformat", "unixtime") in request.params
    with pytest.raises(ParseError, match="time cannot be read"):
        read(request, "forecast_local_times")


def test_several_models_rename_the_columns_and_are_refused() -> None:
    """A column that was asked for is not there under its name."""
    with pytest.raises(ParseError, match="weather_code"):
        read(first("52.52,13.41", **CODE), "forecast_two_models")


def test_one_place_is_an_object_and_several_are_a_list() -> None:
    """The number of answers is that of the places."""
    two = first("43.8,15.3+43.7,15.2", **CODE)
    assert dict(two.params)["latitude"] == "43.80000,43.70000"
    answers = [json.loads(changed("forecast_weather_code")) for _ in range(2)]
    page = SOURCE.parse(two, answer_of(json.dumps(answers).encode()))
    assert {row[0] for row in page.records["hourly"]} == {"43.8,15.3", "43.7,15.2"}
    with pytest.raises(ParseError, match="1 answers came for 2 places"):
        read(two, "forecast_weather_code")
    with pytest.raises(ParseError, match="2 answers came for 1 places"):
        read(first("43.8,15.3", **CODE), "answers_for_places")


def test_rows_without_any_value_are_left_out() -> None:
    """Over the sea, and on days that the archive does not have yet."""
    empty = {"time": [1, 3601], "weather_code": [None, 3]}
    body = changed("forecast_weather_code", hourly=empty)
    page = SOURCE.parse(first("52.52,13.41", **CODE), answer_of(body))
    assert len(page.records["hourly"]) == 1


def test_the_choice_among_places_of_a_name_is_shown() -> None:
    """The first one is meant unless --pick says otherwise; states tell them apart as well."""
    page = read(first("Hollywood"), "places_hollywood")
    assert "2: Hollywood (California, US, 167,664 people)" in page.notes[0]
    assert page.requests[0].context["places"][0]["label"] == "Hollywood"

    picked = read(first("Hollywood", pick="2"), "places_hollywood").requests[0].context
    named = read(first("Hollywood, California"), "places_hollywood").requests[0].context
    assert picked["places"] == named["places"]
    assert named["places"][0]["label"] == "Hollywood (California, US)"
    assert named["places"][0]["details"]["timezone"] == "America/Los_Angeles"
    ambiguous = read(first("Hollywood", pick="8"), "places_hollywood").requests[0].context
    assert ambiguous["places"][0]["label"].startswith("Hollywood (Alabama, US, ")


def test_a_place_that_is_not_there_is_not_found() -> None:
    """No `results` at all, none with that state, none with that number."""
    request = first("Nowhere")
    for beginning in ("Nowhe", "Nowh", "Now"):
        (request,) = read(request, "places_none").requests
        assert dict(request.params)["name"] == beginning
    with pytest.raises(NotFoundError, match="No place named 'Nowhere'"):
        read(request, "places_none")
    with pytest.raises(NotFoundError, match="Others of the name: Hollywood"):
        read(first("Hollywood, Bavaria"), "places_hollywood")
    with pytest.raises(NotFoundError, match="There are 1"):
        read(first("Berlin", pick="2"), "places_berlin")


def test_names_are_looked_up_one_after_another_and_asked_together() -> None:
    """One request brings the weather of all places."""
    lookup = read(first("Berlin+1,2+Paris", **CODE), "places_berlin").requests[0]
    assert (lookup.kind, dict(lookup.params)["name"]) == ("place", "Paris")
    weather = read(lookup, "places_paris").requests[0]
    assert dict(weather.params)["longitude"] == "13.41053,2.00000,2.34880"


@pytest.mark.parametrize(
    ("words", "wait"),
    [
        ("Minutely API request limit exceeded. Please try again in one minute.", 60.0),
        ("Hourly API request limit exceeded. Please try again in the next hour.", 3600.0),
        ("Daily API request limit exceeded. Please try again tomorrow.", 86_400.0),
        ("Too many concurrent requests", 0.0),
    ],
)
def test_waits_are_read_from_words(words: str, wait: float) -> None:
    """There is no Retry-After."""
    body = json.dumps({"error": True, "reason": words}).encode()
    assert weather_limit(429, Headers(), body) == wait


def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    """The server's error stands at the end of half an answer, with status 200."""
    broken = b'{"latitude":1,"hourly":{"time":[1,Unexpected error while streaming data: x'
    assert weather_limit(200, Headers(), broken) == 0.0
    assert weather_limit(200, Headers(), b'{"latitude":1}') is None


def test_a_request_weighs_as_the_upstream_weighs_it() -> None:
    """By variables, days and places."""
    assert first("1,2", hourly="rain", daily="none").weight == 1
    many = "+".join(f"{n},{n}" for n in range(50))
    assert first(many, forecast_days="16").weight == 150  # 50 * 20/10 * 21/14
    with pytest.raises(ParseError, match="no weather came"):
        SOURCE.parse(first("1,2"), answer_of(b'{"error":true,"reason":"later"}'))


@pytest.mark.parametrize(
    ("target", "options", "error"),
    [
        ("99,1", {}, UsageError),
        ("+", {}, UsageError),
        ("?", {}, UsageError),
        ("+".join(f"{n},0" for n in range(60)), {}, UsageError),
        ("Berlin", {"hourly": "temprature_2m"}, NotFoundError),
        ("Berlin", {"hourly": "none", "daily": "none"}, UsageError),
        ("Berlin", {"forecast_days": "17"}, UsageError),
        ("Berlin", {"pick": "0"}, UsageError),
        ("Berlin+Paris", {"pick": "2"}, UsageError),
    ],
)
def test_bad_input(target: str, options: dict[str, Any], error: type[Exception]) -> None:
    """Is told before anything is asked."""
    with pytest.raises(error):
        first(target, **options)


def test_the_archive_has_a_beginning() -> None:
    """ERA5 begins in 1940."""
    with pytest.raises(UsageError, match="1940"):
        first("Berlin", Window(datetime(1900, 1, 1, tzinfo=UTC)))


def test_spellings_of_a_target() -> None:
    """Coordinates and blanks come in one spelling."""
    assert SOURCE.check_target(" 52.520, 13.4100 +New  York") == "52.52,13.41+New York"
    assert SOURCE.check_target("Berlin+Berlin") == "Berlin"
    assert SOURCE.check_target("-0.0,0") == "-0,0"
