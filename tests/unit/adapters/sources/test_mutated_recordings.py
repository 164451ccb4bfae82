"""Recordings with any part dropped, nulled, retyped, nested or cut off."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources import (
    binance,
    coinbase_exchange,
    open_meteo,
    sec_edgar,
    tiingo,
    yahoo,
)
from domain.errors import PipelineError
from domain.options import check_options
from domain.requests import Request
from domain.sources import Source, Window
from tests.contracts.record_shape import assert_fits
from tests.fakes.recorded_answers import RECORDINGS, answer_of

type Path = tuple[Any, ...]

_ODD: tuple[Any, ...] = (None, True, -1, 2**70, 1e308, "", "x", "\ufffd", [], {})


@dataclass(frozen=True)
class Case:
    """A request and the recording that answers it."""

    source: Source
    target: str
    recording: str
    position: int = 0
    since: datetime | None = None
    options: tuple[tuple[str, str], ...] = ()

    def request(self) -> Request:
        options = check_options(self.source, dict(self.options), None)
        window = Window(self.since)
        return self.source.start(self.source.check_target(self.target), window, options)[
            self.position
        ]

    def document(self) -> Any:
        path = RECORDINGS / self.source.name / f"{self.recording}.json"
        return json.loads(path.read_bytes())


CODE = (("hourly", "weather_code"), ("daily", "weather_code"))
CASES = (
    Case(
        binance.SOURCE,
        "ETHBTC",
        "klines_1d_ethbtc_7rows",
        since=datetime(2023, 1, 1, tzinfo=UTC),
        options=(("interval", "1d"),),
    ),
    Case(
        coinbase_exchange.SOURCE,
        "BTC-USD",
        "candles_1m",
        since=datetime(2018, 2, 1, tzinfo=UTC),
        options=(("interval", "1m"),),
    ),
    Case(open_meteo.SOURCE, "52.52,13.41", "forecast_weather_code", options=CODE),
    Case(open_meteo.SOURCE, "Hollywood", "places_hollywood", options=CODE),
    Case(tiingo.SOURCE, "GOOGL", "prices_daily"),
    Case(yahoo.SOURCE, "AAPL", "chart_split_and_dividend"),
    Case(sec_edgar.SOURCE, "CIK1814722", "submissions_without_files"),
    Case(sec_edgar.SOURCE, "CIK1814722", "facts_sample", position=1),
    Case(sec_edgar.SOURCE, "TSLA", "tickers_sample"),
)
each_case = pytest.mark.parametrize("case", CASES, ids=lambda each: each.recording)


def paths(value: Any, path: Path = ()) -> list[Path]:
    """Where the parts of a document stand; of a long list the first and the last few."""
    found = [path]
    if isinstance(value, dict):
        for name, each in value.items():
            found += paths(each, (*path, name))
    elif isinstance(value, list):
        for position in {*range(min(3, len(value))), *range(max(0, len(value) - 1), len(value))}:
            found += paths(value[position], (*path, position))
    return found


def changed(document: Any, path: Path, change: Callable[[Any, Any], None]) -> Any:
    """A copy of a document, changed at a place."""
    copy = {"": deepcopy(document)}
    parent: Any = copy
    for step in ("", *path)[:-1]:
        parent = parent[step]
    change(parent, ("", *path)[-1])
    return copy.get("")


def drop(parent: Any, member: Any) -> None:
    del parent[member]


def nest(parent: Any, member: Any) -> None:
    parent[member] = [parent[member]]


def twice(parent: Any, member: Any) -> None:
    if isinstance(parent, list):
        parent.insert(member, parent[member])


def retype(odd: Any) -> Callable[[Any, Any], None]:
    def change(parent: Any, member: Any) -> None:
        parent[member] = odd

    return change


_CHANGES = (drop, nest, twice, *map(retype, _ODD))


@each_case
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_nothing_but_domain_errors_comes_of_a_mutated_answer(case: Case, data: Any) -> None:
    """Rows that come of it all the same fit their tables, and follow-ups are few and JSON."""
    document = case.document()
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(paths(document)))
        document = changed(document, path, data.draw(st.sampled_from(_CHANGES)))
    body = json.dumps(document).encode()
    if data.draw(st.booleans()):
        body = body[: data.draw(st.integers(0, len(body)))]
    try:
        page = case.source.parse(case.request(), answer_of(body))
    except PipelineError:
        return
    assert_fits(case.source, page.records)
    assert len(page.requests) <= 50
    for request in page.requests:
        assert json.loads(json.dumps(request.context)) == request.context
