"""Yahoo's chart: daily prices, best effort, only by `--source yahoo`.

There is no documented API behind it: it may change or refuse at any time, its terms forbid to
pass the data on, and its prices carry the noise of 32-bit floats.
"""

from collections.abc import Sequence

from adapters.sources.candles.numbers import upstream_time
from adapters.sources.candles.windows import check_begun
from adapters.sources.json_answers import json_of
from adapters.sources.stocks.candle_table import STOCK_CANDLES, STOCK_EXPECTATIONS
from adapters.sources.stocks.daily_walk import ADJUSTED_ANEW, ASKED_ANEW, DailyWalk
from adapters.sources.stocks.tickers import check_ticker
from adapters.sources.stocks.yahoo_chart import Chart
from domain.errors import FetchError, NotFoundError, ParseError
from domain.rate_limits import RateLimit
from domain.requests import Request, Response
from domain.sources import Options, Page, Source, SourcePolicy, Window

_END = "9999999999"
_DAY_SECONDS = 86_400  # a day's time is that of its first trade, by the exchange's clock
_NOT_FOUND = 404
_BEST_EFFORT = "Yahoo is no documented source: best effort, and not to be passed on"
_DAY, _FINAL = STOCK_CANDLES.schema.positions(["open_time", "is_final"])


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    walk = DailyWalk.of(target, window, options)
    return [_request(walk)] if walk else ()


def _request(walk: DailyWalk) -> Request:
    return Request(
        kind="chart",
        url=f"/v8/finance/chart/{walk.symbol}",
        params=(
            ("period1", str(max(0, (walk.since or 0) - _DAY_SECONDS))),
            ("period2", _END if walk.until is None else str(walk.until + _DAY_SECONDS)),
            ("interval", "1d"),
            ("events", "div|split"),
            ("includePrePost", "false"),
        ),
        context=walk.to_context(),
        cache=ASKED_ANEW,
    )


def _parse(request: Request, response: Response) -> Page:
    walk = DailyWalk.from_context(request.context)
    answer = json_of(response, f"the chart of {walk.symbol}")
    now = upstream_time(response)
    if walk.begins and not walk.is_rest:
        check_begun(walk.begins, now)
    chart = Chart(answer, walk, now)
    if walk.is_rest and chart.has_adjustment:
        return Page(requests=(_request(walk.from_beginning()),), notes=(ADJUSTED_ANEW,))
    records = chart.records()
    return Page(
        records={"candles": records},
        items=len(records),
        notes=(_BEST_EFFORT,),
        complete_until=walk.complete_until(records, _DAY, _FINAL),
    )


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    if isinstance(error, FetchError) and error.status == _NOT_FOUND:
        symbol = request.context["symbol"]
        hint = "Yahoo writes classes with a hyphen (BRK-B) and exchanges behind a point (SAP.DE)."
        raise NotFoundError(what="symbol", name=symbol, hint=hint) from error
    raise error


SOURCE = Source(
    name="yahoo",
    domain="stocks",
    title="Yahoo: daily prices, best effort, not documented",
    example_target="AAPL",
    tables=(STOCK_CANDLES,),
    policy=SourcePolicy(
        base_url="https://query2.finance.yahoo.com",
        limits=(RateLimit(30, 60.0),),
        concurrency=1,
    ),
    check_target=check_ticker,
    start=_start,
    parse=_parse,
    failed=_failed,
    expectations=STOCK_EXPECTATIONS,
)
