"""Binance: candles of spot pairs, over the address that serves market data alone.

No key is needed. A request has at most 1,000 candles and weighs 2 of 6,000 a minute; over that
the upstream answers 429 with `Retry-After`, then bans with 418
(https://developers.binance.com/docs/binance-spot-api-docs/rest-api/market-data-endpoints).
"""

import re
from collections.abc import Sequence

from adapters.sources.candles.binance_intervals import check_interval
from adapters.sources.candles.binance_klines import read_klines
from adapters.sources.candles.binance_walk import BinanceWalk
from adapters.sources.candles.listed_symbols import unknown_symbol
from adapters.sources.candles.numbers import epoch, moment, upstream_time
from adapters.sources.candles.symbols import check_symbol
from adapters.sources.candles.tables import CANDLES, EXPECTATIONS
from adapters.sources.candles.windows import check_begun, check_order, most
from adapters.sources.json_answers import json_of
from domain.errors import FetchError, ParseError
from domain.rate_limits import RateLimit
from domain.requests import Request, Response
from domain.sources import Options, Page, Parameter, Source, SourcePolicy, Window

_SYMBOL = re.compile(r"[A-Z0-9]{2,30}", re.ASCII)
_INVALID_SYMBOL = re.compile(r'"code"\s*:\s*-1121|Invalid symbol')
_BAD_REQUEST = 400
_HINT = "A pair is written without a separator, as BTCUSDT."
_LIST_WEIGHT = 4


def _check_target(target: str) -> str:
    return check_symbol(target, _SYMBOL, "pair of Binance", "BTCUSDT")


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    check_order(window)
    interval = check_interval(options["interval"])
    left = most(options)
    if left == 0:
        return ()
    since = window.since or window.complete_until
    start = epoch(since, 1000) if since else 0
    end = epoch(window.until, 1000) - 1 if window.until else None
    return [BinanceWalk(target, interval, start, end, left).request()]


def _parse(request: Request, response: Response) -> Page:
    answer = json_of(response, f"the answer for {request.context['symbol']}")
    if request.kind == "symbols":
        raise unknown_symbol(answer, "symbol", request.context["symbol"], _HINT)
    walk = BinanceWalk.from_context(request.context)
    now = upstream_time(response)
    check_begun(moment(walk.start, 1000), now)
    klines = read_klines(answer, walk, now)
    return Page(
        records={"candles": klines.records},
        requests=tuple(walk.following(klines.opened, now)),
        items=len(klines.records),
        complete_until=klines.complete_until,
    )


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    symbol = request.context["symbol"]
    if request.kind == "symbols":
        raise unknown_symbol((), "symbol", symbol, _HINT) from error
    is_bad = isinstance(error, FetchError) and error.status == _BAD_REQUEST
    if is_bad and _INVALID_SYMBOL.search(str(error)):
        context = {"symbol": symbol}
        url = "/api/v3/ticker/price"
        return Page(
            requests=(Request(kind="symbols", url=url, context=context, weight=_LIST_WEIGHT),)
        )
    raise error


SOURCE = Source(
    name="binance",
    domain="crypto",
    title="Binance: candles of spot pairs",
    example_target="BTCUSDT",
    tables=(CANDLES,),
    policy=SourcePolicy(
        base_url="https://data-api.binance.vision",
        limits=(RateLimit(6000, 60.0),),
        concurrency=8,
    ),
    check_target=_check_target,
    start=_start,
    parse=_parse,
    failed=_failed,
    parameters=(
        Parameter(
            "interval",
            "length of a candle: 1s, 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, 6h, 8h, 12h, 1d, 3d, 1w or "
            "1M (a month)",
            "1h",
        ),
    ),
    expectations=EXPECTATIONS,
)
