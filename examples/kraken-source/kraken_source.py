"""Kraken: the latest 720 candles of a pair.

https://docs.kraken.com/api-reference/market-data/get-ohlc-data
"""

import json
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.errors import FetchError, NotFoundError, ParseError, UsageError
from domain.expectations import Expectation
from domain.headers import Headers
from domain.rate_limits import RateLimit
from domain.requests import Request, Response
from domain.schema import Field, Kind, Schema
from domain.sources import Options, Page, Parameter, Source, SourcePolicy, Window
from domain.tables import Record, TableSpec, WriteMode

_PAIR = re.compile(r"[A-Z0-9]{5,20}", re.ASCII)
_MINUTES = {"1m": 1, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "4h": 240, "1d": 1440, "1w": 10080}
_COLUMNS = 8
_FARTHEST = 253_402_300_799  # the last second of the year 9999

CANDLES = TableSpec(
    "candles",
    Schema(
        (
            Field("pair", Kind.STRING, "as Kraken's request names it, for example XBTUSD"),
            Field("interval", Kind.STRING, "length of the candle"),
            Field("opened_at", Kind.TIMESTAMP, "begin of the candle, UTC"),
            Field("open", Kind.NUMBER, "first price, in the quote currency"),
            Field("high", Kind.NUMBER, "highest price"),
            Field("low", Kind.NUMBER, "lowest price"),
            Field("close", Kind.NUMBER, "last price"),
            Field("vwap", Kind.NUMBER, "mean price by volume; null without a trade"),
            Field("volume", Kind.NUMBER, "in the base currency"),
            Field("trades", Kind.INTEGER, "how many"),
            Field("is_final", Kind.BOOLEAN, "the candle is over"),
        )
    ),
    key=("pair", "interval", "opened_at"),
    mode=WriteMode.MERGE,
    meaning="One row a pair, interval and candle.",
)


def _check_target(target: str) -> str:
    pair = target.strip().upper().replace("/", "")
    if not _PAIR.fullmatch(pair):
        message = f"{target[:40]!a} is no pair of Kraken: write it as XBTUSD."
        raise UsageError(message)
    return pair


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    interval = options["interval"]
    if interval not in _MINUTES:
        message = f"-p interval={interval[:20]!a}: Kraken has {', '.join(_MINUTES)}."
        raise UsageError(message)
    if window.until is not None:
        message = "Kraken cannot be asked for an end: leave --until away."
        raise UsageError(message)
    since = window.since or window.complete_until
    query = {"pair": target, "interval": str(_MINUTES[interval])}
    if since is not None:
        query["since"] = str(max(0, math.ceil(since.timestamp()) - 1))  # those after it are sent
    context = {"pair": target, "interval": interval}
    return [Request(kind="candles", url="/OHLC", params=tuple(query.items()), context=context)]


def _parse(request: Request, response: Response) -> Page:
    pair, interval = request.context["pair"], request.context["interval"]
    try:
        answer = json.loads(response.body)
    except ValueError as exc:
        message = f"The answer for {pair} is not JSON."
        raise ParseError(message) from exc
    if not isinstance(answer, dict):
        answer = {}
    _raise_stated(answer, pair)
    result = answer.get("result")
    if not isinstance(result, dict):
        result = {}
    found = [rows for name, rows in result.items() if name != "last"]
    if len(found) != 1 or not isinstance(found[0], list):
        message = f"The answer for {pair} holds no candles."
        raise ParseError(message)
    length = timedelta(minutes=_MINUTES[interval])
    begins = [_begin(pair, row) for row in found[0]]
    over = [at + length for at in begins if at + length <= response.fetched_at]
    candles = [
        (pair, interval, at, *_numbers(row), at + length <= response.fetched_at)
        for at, row in zip(begins, found[0], strict=True)
    ]
    return Page(
        records={"candles": candles},
        items=len(candles),
        complete_until=max(over, default=None),
    )


def _limited(_status: int, _headers: Headers, body: bytes) -> float | None:
    """Kraken says "slower" with HTTP 200, and not for how long."""
    start = body[:200]
    return 0.0 if b"EAPI:Rate limit exceeded" in start or b"EService:Busy" in start else None


def _raise_stated(answer: dict[str, Any], pair: str) -> None:
    """Errors come with HTTP 200 too, as a list of words."""
    stated = answer.get("error")
    if not isinstance(stated, list) or not stated:
        return
    words = ", ".join(str(each)[:100] for each in stated[:3])
    if "Unknown asset pair" in words:
        raise NotFoundError(what="pair of Kraken", name=pair)
    message = f"Kraken says: {words}."
    raise ParseError(message)


def _begin(pair: str, row: Any) -> datetime:
    if not isinstance(row, list) or len(row) != _COLUMNS:
        message = f"A candle of {pair} has not the form of one."
        raise ParseError(message)
    at = row[0]
    if type(at) is not int or not 0 <= at <= _FARTHEST:
        message = f"A candle of {pair} does not say when it begins."
        raise ParseError(message)
    return datetime.fromtimestamp(at, UTC)


def _numbers(row: list[Any]) -> Record:
    *prices, volume, trades = row[1:]
    count = trades if type(trades) is int and 0 <= trades < 2**63 else None
    return (*map(_number, (*prices, volume)), count)


def _number(value: Any) -> float | None:
    try:
        number = float(value) if isinstance(value, str) else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _failed(_request: Request, error: FetchError | ParseError) -> Page:
    raise error


SOURCE = Source(
    name="kraken",
    domain="kraken",
    title="Kraken: the latest candles of a pair",
    example_target="XBTUSD",
    tables=(CANDLES,),
    policy=SourcePolicy(
        base_url="https://api.kraken.com/0/public",
        limits=(RateLimit(1, 1.0),),
        concurrency=1,
        limited=_limited,
    ),
    check_target=_check_target,
    start=_start,
    parse=_parse,
    failed=_failed,
    parameters=(Parameter("interval", f"length of a candle: {', '.join(_MINUTES)}", "1d"),),
    expectations=(Expectation("candles", not_null=("open", "high", "low", "close")),),
)
