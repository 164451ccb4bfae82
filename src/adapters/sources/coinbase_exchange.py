"""Coinbase Exchange: candles of pairs, mostly against the US dollar.

No key is needed; ten requests a second, 300 candles each
(https://docs.cdp.coinbase.com/exchange/reference/exchangerestapi_getproductcandles).
"""

import re
from collections.abc import Sequence
from datetime import timedelta

from adapters.sources.candles.coinbase_candles import known_until, read_candles
from adapters.sources.candles.coinbase_walk import CoinbaseWalk, check_granularity
from adapters.sources.candles.listed_symbols import unknown_symbol
from adapters.sources.candles.numbers import EPOCH, epoch, upstream_time
from adapters.sources.candles.symbols import check_symbol
from adapters.sources.candles.tables import CANDLES, EXPECTATIONS
from adapters.sources.candles.windows import check_begun, check_order, most
from adapters.sources.json_answers import json_of
from domain.errors import FetchError, ParseError
from domain.rate_limits import RateLimit
from domain.requests import Request, Response
from domain.sources import Options, Page, Parameter, Source, SourcePolicy, Window
from domain.stated_limits import stated_limit

_PRODUCT = re.compile(r"[A-Z0-9]{1,20}-[A-Z0-9]{1,20}", re.ASCII)
_NOT_FOUND = 404
_HINT = "A product is written with a hyphen, as BTC-USD."


def _check_target(target: str) -> str:
    return check_symbol(target, _PRODUCT, "product of Coinbase Exchange", "BTC-USD")


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    check_order(window)
    interval = check_granularity(options["interval"])
    left = most(options)
    if left == 0:
        return ()
    since = window.since or window.complete_until
    start = epoch(since, 1) if since else None
    end = epoch(window.until, 1) - 1 if window.until else None
    return [CoinbaseWalk.beginning(target, interval, start, end, left).request()]


def _parse(request: Request, response: Response) -> Page:
    product = request.context["product"]
    answer = json_of(response, f"the answer for {product}")
    if request.kind == "products":
        raise unknown_symbol(answer, "id", product, _HINT)
    walk = CoinbaseWalk.from_context(request.context)
    now = upstream_time(response)
    check_begun(EPOCH + timedelta(seconds=walk.start), now)
    records = read_candles(answer, walk, now)
    first = epoch(records[0][3], 1) if records else None  # type: ignore[arg-type]  # a time
    following = tuple(walk.following(first, len(records), now))
    if walk.is_probe:
        return Page(requests=following)
    shown = records[: walk.left]
    last = None if len(shown) < len(records) else known_until(walk, now)
    return Page(
        records={"candles": shown}, requests=following, items=len(shown), complete_until=last
    )


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    product = request.context["product"]
    if request.kind == "products":
        raise unknown_symbol((), "id", product, _HINT) from error
    if isinstance(error, FetchError) and error.status == _NOT_FOUND:
        context = {"product": product}
        return Page(requests=(Request(kind="products", url="/products", context=context),))
    raise error


SOURCE = Source(
    name="coinbase_exchange",
    domain="crypto",
    title="Coinbase Exchange: candles of pairs",
    example_target="BTC-USD",
    tables=(CANDLES,),
    policy=SourcePolicy(
        base_url="https://api.exchange.coinbase.com",
        limits=(RateLimit(10, 1.0),),
        concurrency=4,
        limited=stated_limit,
    ),
    check_target=_check_target,
    start=_start,
    parse=_parse,
    failed=_failed,
    parameters=(Parameter("interval", "length of a candle: 1m, 5m, 15m, 1h, 6h or 1d", "1h"),),
    expectations=EXPECTATIONS,
)
