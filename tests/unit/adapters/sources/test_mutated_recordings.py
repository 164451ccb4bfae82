"""Recordings with any part dropped, nulled, retyped, nested or cut off."""

import json
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
from tests.support.mutated_documents import mutated_bodies


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


@each_case
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_nothing_but_domain_errors_comes_of_a_mutated_answer(case: Case, data: Any) -> None:
    """Rows that come of it all the same fit their tables, and follow-ups are few and JSON."""
    body = data.draw(mutated_bodies(case.document()))
    try:
        page = case.source.parse(case.request(), answer_of(body))
    except PipelineError:
        return
    assert_fits(case.source, page.records)
    assert len(page.requests) <= 50
    for request in page.requests:
        assert json.loads(json.dumps(request.context)) == request.context
