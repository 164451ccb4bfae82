"""Tiingo: daily prices of stocks and funds, plain and adjusted, with a key.

The key is free: about 50 requests an hour, 500 symbols a month
(https://www.tiingo.com/documentation/end-of-day).
"""

from collections.abc import Sequence

from adapters.sources.candles.listed_symbols import unknown_symbol
from adapters.sources.candles.numbers import upstream_time
from adapters.sources.candles.windows import check_begun
from adapters.sources.json_answers import json_of
from adapters.sources.stocks.candle_table import STOCK_CANDLES, STOCK_EXPECTATIONS
from adapters.sources.stocks.daily_walk import ADJUSTED_ANEW, ASKED_ANEW, DailyWalk
from adapters.sources.stocks.tickers import check_ticker
from adapters.sources.stocks.tiingo_prices import has_adjustment, read_prices
from domain.errors import FetchError, ParseError
from domain.rate_limits import RateLimit
from domain.requests import Request, Response
from domain.sources import ApiKey, Options, Page, Source, SourcePolicy, Window
from domain.stated_limits import stated_limit

_BEGINNING = "1900-01-01"
_NOT_FOUND = 404
_HINT = "Tickers of classes are written with a hyphen, as BRK-B."
_DAY, _FINAL = STOCK_CANDLES.schema.positions(["open_time", "is_final"])


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    walk = DailyWalk.of(target, window, options)
    return [_request(walk)] if walk else ()


def _request(walk: DailyWalk) -> Request:
    params = [("startDate", f"{walk.begins:%Y-%m-%d}" if walk.begins else _BEGINNING)]
    if walk.last_day:
        params.append(("endDate", f"{walk.last_day:%Y-%m-%d}"))
    params += [("format", "json"), ("resampleFreq", "daily")]
    return Request(
        kind="prices",
        url=f"/tiingo/daily/{walk.symbol}/prices",
        params=tuple(params),
        context=walk.to_context(),
        cache=ASKED_ANEW,
    )


def _parse(request: Request, response: Response) -> Page:
    symbol = request.context["symbol"]
    answer = json_of(response, f"the answer for {symbol}")
    if request.kind == "search":
        raise unknown_symbol(answer, "ticker", symbol, _HINT)
    walk = DailyWalk.from_context(request.context)
    now = upstream_time(response)
    if walk.begins and not walk.is_rest:
        check_begun(walk.begins, now)
    records = read_prices(answer, walk, now)
    if walk.is_rest and has_adjustment(answer):
        return Page(requests=(_request(walk.from_beginning()),), notes=(ADJUSTED_ANEW,))
    return Page(
        records={"candles": records},
        items=len(records),
        complete_until=walk.complete_until(records, _DAY, _FINAL),
    )


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    symbol = request.context["symbol"]
    if request.kind == "search":
        raise unknown_symbol((), "ticker", symbol, _HINT) from error
    if isinstance(error, FetchError) and error.status == _NOT_FOUND:
        params = (("query", symbol), ("limit", "20"))
        url = "/tiingo/utilities/search"
        context = {"symbol": symbol}
        return Page(requests=(Request(kind="search", url=url, params=params, context=context),))
    raise error


SOURCE = Source(
    name="tiingo",
    domain="stocks",
    title="Tiingo: daily prices of stocks and funds",
    example_target="AAPL",
    tables=(STOCK_CANDLES,),
    policy=SourcePolicy(
        base_url="https://api.tiingo.com",
        api_key=ApiKey(
            header="Authorization",
            variable="TIINGO_API_KEY",
            where="https://www.tiingo.com/account/api/token",
            scheme="Token",
        ),
        limits=(RateLimit(50, 3600.0), RateLimit(1000, 86_400.0)),
        concurrency=2,
        limited=stated_limit,
    ),
    check_target=check_ticker,
    start=_start,
    parse=_parse,
    failed=_failed,
    expectations=STOCK_EXPECTATIONS,
)
