"""Series of every kind, as a user ingests them, against the sandbox."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support.app_process import AppProcess

SOURCES = ("binance", "coinbase_exchange", "open_meteo", "sec_edgar", "tiingo", "yahoo")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running_sandbox(SandboxOptions(items=1, latency_ms=5)) as base_url:
        yield base_url


@pytest.fixture
def slow_sandbox() -> Iterator[str]:
    with running_sandbox(SandboxOptions(items=1, latency_ms=150)) as base_url:
        yield base_url


@pytest.fixture
def app(tmp_path: Path, sandbox: str) -> AppProcess:
    urls = {f"APP_SOURCES__{name.upper()}__BASE_URL": sandbox for name in SOURCES}
    keys = {"TIINGO_API_KEY": "a-key-of-tiingo-1", "APP_HTTP__CONTACT": "me@example.com"}
    return AppProcess(tmp_path, sandbox, urls | keys)


def ingest(app: AppProcess, *words: str, expected: int = 0) -> dict[str, Any]:
    done = app.run("ingest", *words, "--json")
    assert done.returncode == expected, done.stderr.decode()
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_a_second_run_asks_only_for_the_tail(app: AppProcess) -> None:
    """The running candle is replaced, and nothing else is asked for again."""
    words = ("crypto", "BTCUSDT", "-p", "interval=1d")
    first = ingest(app, *words)
    second = ingest(app, *words)

    assert first["rows"]["crypto.candles"]["published"] > 1000
    assert first["requests"] == 2
    assert (second["requests"], second["rows"]["crypto.candles"]["published"]) == (1, 1)
    (row,) = app.rows(
        "select count(*) as n, count(distinct open_time) as moments,"
        " count(*) filter (not is_final) as running,"
        " date_diff('day', min(open_time), max(open_time)) + 1 as span from candles"
    )
    assert row["n"] == row["moments"] == row["span"]
    assert row["running"] == 1


def test_a_killed_run_goes_on(app: AppProcess, slow_sandbox: str) -> None:
    """No candle is lost and none comes twice."""
    app.environment["APP_SOURCES__BINANCE__BASE_URL"] = slow_sandbox
    words = ("ingest", "crypto", "ETHUSDT", "-p", "interval=1h")
    running = app.start(*words)
    deadline = time.monotonic() + 30
    checkpoint = app.data_dir / "_staging"
    while time.monotonic() < deadline and not [*checkpoint.glob("**/*")]:
        assert running.poll() is None
        time.sleep(0.01)
    running.kill()
    running.communicate()
    done = app.run(*words)

    assert done.returncode == 0, done.stderr.decode()
    (row,) = app.rows(
        "select count(*) as n, count(distinct open_time) as moments,"
        " date_diff('hour', min(open_time), max(open_time)) + 1 as span from candles"
    )
    assert row["n"] == row["moments"]
    assert row["span"] - row["n"] == 3  # the sandbox's exchange was halted for that long


def test_places_get_their_weather_by_name(app: AppProcess) -> None:
    """Three hosts of one upstream, the choice among places, past and forecast in one table."""
    done = app.run("ingest", "weather", "Paris+Tokyo", "--since", "2026-08-01")
    again = ingest(app, "weather", "Paris+Tokyo")

    assert b"2: Paris (Texas, US" in done.stderr
    assert again["requests"] <= 2
    rows = app.rows(
        "select place, count(*) as n, count(distinct time) as hours, count(distinct kind) as kinds"
        " from hourly group by all order by all"
    )
    assert [row["place"] for row in rows] == ["Paris", "Tokyo"]
    assert all(row["n"] == row["hours"] and row["kinds"] == 2 for row in rows)
    zones = app.rows("select place, timezone from places order by all")
    assert [row["timezone"] for row in zones] == ["Europe/Paris", "Asia/Tokyo"]


def test_stocks_by_each_source(app: AppProcess) -> None:
    """Prices with a key, filings without one, and the best effort only when asked for."""
    prices = ingest(app, "stocks", "AAPL")  # a key is set
    filings = ingest(app, "stocks", "AAPL", "--source", "sec_edgar")
    effort = app.run("ingest", "stocks", "MSFT", "--source", "yahoo")

    assert prices["rows"]["stocks.candles"]["published"] > 1000
    assert filings["rows"]["stocks.facts"]["published"] > 50
    assert b"best effort" in effort.stderr
    log = b"".join(path.read_bytes() for path in app.data_dir.glob("_catalog/**/*.json"))
    assert b"a-key-of-tiingo" not in log


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("crypto", "BTCUSTD"), 5, "Did you mean BTCUSDT"),
        (("crypto", "BTC-USX", "--source", "coinbase_exchange"), 5, "Did you mean BTC-USD"),
        (("crypto", "BTCUSDT", "-p", "interval=7h"), 5, "Binance has"),
        (("crypto", "BTCUSDT", "--since", "2099-01-01"), 2, "future"),
        (("weather", "Pariss"), 5, "No place named"),
        (("weather", "Paris", "-p", "pick=9"), 5, "There are 2"),
        (("stocks", "APPL", "--source", "sec_edgar"), 5, "Did you mean AAPL"),
        (("stocks", "AAPX", "--source", "tiingo"), 5, "Did you mean AAPL"),
    ],
)
def test_bad_input_is_told(app: AppProcess, words: tuple[str, ...], code: int, said: str) -> None:
    """With the exit code of its kind and what might have been meant."""
    done: subprocess.CompletedProcess[bytes] = app.run("ingest", *words)
    assert done.returncode == code, done.stderr.decode()
    assert said in done.stderr.decode()


def test_the_sec_is_told_who_asks(app: AppProcess) -> None:
    """Its refusal says what to set."""
    del app.environment["APP_HTTP__CONTACT"]
    done = app.run("ingest", "stocks", "AAPL", "--source", "sec_edgar")
    assert done.returncode == 4
    assert b"APP_HTTP__CONTACT" in done.stderr
