"""Declarations of upstreams whose built-in sources are code: the same rows, weights and help."""

from datetime import UTC, datetime

import pytest

from adapters.sources import binance, open_meteo
from adapters.sources.declared.declaration import read_declaration
from domain.errors import NotFoundError
from domain.sources import Window
from tests.support.sandbox_walk import SandboxWalk

NOW = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC)
WEATHER = """
name = "archive"
domain = "past"
title = "Open-Meteo: the archive"
example_target = "52.5,13.4"
[target]
pattern = "(?P<latitude>-?[0-9.]{1,9}),(?P<longitude>-?[0-9.]{1,9})"
form = "latitude,longitude"
[places]
at_once = 2
[[parameters]]
name = "hourly"
meaning = "comma list of variables"
default = "temperature_2m,rain"
[policy]
base_url = "https://archive-api.open-meteo.com"
limits = ["600/m", "5000/h", "10000/d"]
concurrency = 1
limits_in_words = true
[request]
path = "/v1/archive"
records = "hourly"
shape = "columns"
weight = "places * max(1, hourly / 10, hourly / 10 * days / 14)"
[request.query]
latitude = "{latitude}"
longitude = "{longitude}"
hourly = "{hourly}"
start_date = "{since}"
end_date = "{until}"
timezone = "GMT"
timeformat = "unixtime"
[window]
days = 20
tail_days = 10
[table]
name = "hourly"
meaning = "One row a place and hour."
key = ["place", "time"]
mode = "merge"
[[table.fields]]
name = "place"
type = "text"
context = "place"
meaning = "the place"
[[table.fields]]
name = "time"
type = "epoch_s"
path = "time"
meaning = "the hour"
[[table.fields]]
name = "temperature_2m"
type = "number"
path = "temperature_2m"
meaning = "degrees Celsius"
[[table.fields]]
name = "rain"
type = "number"
path = "rain"
meaning = "millimetres"
"""
CANDLES = """
name = "klines"
domain = "coins"
title = "Binance: hours"
example_target = "BTCUSDT"
[target]
pattern = "[A-Z0-9]{2,30}"
case = "upper"
form = "a pair, as BTCUSDT"
[policy]
base_url = "https://data-api.binance.vision"
limits = ["6000/m"]
[request]
path = "/api/v3/klines"
weight = 2
[request.query]
symbol = "{target}"
interval = "1h"
startTime = "{since}"
endTime = "{until}"
limit = "1000"
[window]
format = "epoch_ms"
begin = "2023-01-01"
days = 40
tail_days = 1
[[errors]]
status = 400
pattern = "-1121|Invalid symbol"
kind = "not_found"
what = "symbol"
hint = "A pair is written without a separator, as BTCUSDT."
[[suggestions]]
path = "/api/v3/ticker/price"
name = "symbol"
weight = 4
[table]
name = "candles"
meaning = "One row an hour."
key = ["symbol", "open_time"]
mode = "merge"
[[table.fields]]
name = "symbol"
type = "text"
context = "target"
meaning = "the pair"
[[table.fields]]
name = "open_time"
type = "epoch_ms"
path = "0"
meaning = "when the hour began"
[[table.fields]]
name = "close"
type = "number"
path = "4"
meaning = "the last price"
[[table.fields]]
name = "trades"
type = "integer"
path = "8"
meaning = "number of trades"
"""


def test_weather_of_several_places_by_chunks() -> None:
    """Coordinates for names; a place has the rows that the code gives it."""
    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 20, tzinfo=UTC))
    target = "52.5,13.4+35.7,139.7+51.5,-0.1"
    source = read_declaration(WEATHER, "archive.toml")
    declared = SandboxWalk(source, target, NOW).run(window)
    options = {"hourly": "temperature_2m,rain", "daily": "none"}
    coded = SandboxWalk(open_meteo.SOURCE, target, NOW, **options).run(window)

    names = open_meteo.SOURCE.table("hourly").schema.positions(
        ("place", "time", "temperature_2m", "rain")
    )
    expected = {tuple(row[at] for at in names) for row in coded.tables["hourly"].values()}
    assert set(declared.tables["hourly"].values()) == expected
    assert len(expected) == 3 * 50 * 24
    assert [each.weight for each in declared.requests] == [2, 1] * 3
    assert len(declared.requests) == 2 * 3


def test_candles_by_windows_with_weights() -> None:
    """Every hour that the code finds, with the same numbers."""
    window = Window(datetime(2025, 11, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))
    declared = SandboxWalk(read_declaration(CANDLES, "klines.toml"), "btcusdt", NOW).run(window)
    coded = SandboxWalk(binance.SOURCE, "BTCUSDT", NOW, interval="1h").run(window)

    names = binance.SOURCE.table("candles").schema.positions(
        ("symbol", "open_time", "close", "trades")
    )
    expected = {tuple(row[at] for at in names) for row in coded.tables["candles"].values()}
    assert set(declared.tables["candles"].values()) == expected
    assert {each.weight for each in declared.requests} == {2}


def test_an_unknown_pair_is_answered_with_those_that_are_near() -> None:
    """By the list that the code asks for, too."""
    walk = SandboxWalk(read_declaration(CANDLES, "klines.toml"), "BTCUSD", NOW)
    with pytest.raises(NotFoundError, match=r"No symbol named 'BTCUSD'. Did you mean BTCUSDT"):
        walk.run()
