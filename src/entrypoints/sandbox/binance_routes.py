"""Binance's market data: klines with weights, 429 and 418."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.asked import Asked, Upstream
from entrypoints.sandbox.made_up_candles import candle
from entrypoints.sandbox.plain_answers import plain_json

PAIRS = {
    "BTCUSDT": 60_000.0,
    "ETHUSDT": 3_000.0,
    "SOLUSDT": 150.0,
    "BNBUSDT": 600.0,
    "ETHBTC": 0.05,
}
"""What is listed, with its usual price."""

LISTED = 1_672_531_200  # 2023-01-01
_HALT = (1_680_000_000, 1_680_014_400)  # no trade in between
_LIMIT = 6000
_BAN = _LIMIT + 300
_MOST = 1000
_KLINES, _PRICES = "/api/v3/klines", "/api/v3/ticker/price"
_WEIGHTS = {_KLINES: 2, _PRICES: 4}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_COUNTS = {
    "s": (1,), "m": (1, 3, 5, 15, 30), "h": (1, 2, 4, 6, 8, 12), "d": (1, 3), "w": (1,)
}  # fmt: skip
_INTERVALS = {f"{n}{unit}": n * _UNITS[unit] for unit, counts in _COUNTS.items() for n in counts}
_MONDAY = 4 * 86_400  # weeks begin on Mondays, and the epoch on a Thursday


class BinanceRoutes(Upstream):
    """Answers below `/api/v3`.

    Args:
        pairs: how many are listed besides `PAIRS`.
    """

    def __init__(self, pairs: int = 0) -> None:
        further = {f"M{number:04}USDT": 1.0 + number / 100 for number in range(1, pairs + 1)}
        self._listed = {**PAIRS, **further}
        self._minute = 0
        self._used = 0

    def answer(self, asked: Asked) -> Answer | None:
        """One request, with its weight counted."""
        weight = _WEIGHTS.get(asked.path)
        if weight is None:
            return None
        minute = int(asked.now // 60)
        if minute != self._minute:
            self._minute, self._used = minute, 0
        self._used += weight
        fields = [
            (b"x-mbx-used-weight", str(self._used).encode()),
            (b"x-mbx-used-weight-1m", str(self._used).encode()),
        ]
        if self._used > _LIMIT:
            left = 60 - int(asked.now % 60)
            banned = self._used > _BAN
            body = {"code": -1003, "msg": f"Too much request weight used; limit is {_LIMIT}."}
            fields.append((b"retry-after", str(left + 60 * banned).encode()))
            return plain_json(body, 418 if banned else 429, fields)
        answer = _prices if asked.path == _PRICES else _klines
        value, status = answer(asked, self._listed)
        return plain_json(value, status, fields)


def _prices(asked: Asked, listed: Mapping[str, float]) -> tuple[object, int]:
    return [
        {
            "symbol": name,
            "price": _digits(candle(name, price, asked.now - 60, asked.now, asked.now).close),
        }
        for name, price in listed.items()
    ], 200


def _klines(asked: Asked, listed: Mapping[str, float]) -> tuple[object, int]:
    query = asked.query
    symbol = query.get("symbol", "")
    if symbol not in listed:
        return {"code": -1121, "msg": "Invalid symbol."}, 400
    interval = query.get("interval", "")
    if interval not in _INTERVALS and interval != "1M":
        return {"code": -1120, "msg": "Invalid interval."}, 400
    try:
        limit = int(query.get("limit", "500"))
        start = int(query.get("startTime", "0")) / 1000
        end = int(query.get("endTime", str(int(asked.now * 1000)))) / 1000
    except ValueError:
        return {"code": -1100, "msg": "Illegal characters found in a parameter."}, 400
    market = (symbol, listed[symbol])
    rows = _rows(market, interval, (start, min(end, asked.now)), asked.now)
    return [row for row, _ in zip(rows, range(min(limit, _MOST)), strict=False)], 200


def _rows(
    market: tuple[str, float], interval: str, window: tuple[float, float], now: float
) -> Iterator[list[object]]:
    for begin, end in _grid(interval, max(window[0], float(LISTED))):
        if begin > window[1]:
            return
        if _HALT[0] <= begin and end <= _HALT[1]:
            continue
        made = candle(*market, begin, end, now)
        quote = made.volume * made.close
        yield [
            int(begin * 1000),
            *map(_digits, (made.open, made.high, made.low, made.close, made.volume)),
            int(end * 1000) - 1,
            _digits(quote),
            made.trades,
            _digits(made.volume / 2),
            _digits(quote / 2),
            "0",
        ]


def _grid(interval: str, start: float) -> Iterator[tuple[float, float]]:
    """Intervals that begin at `start` or later."""
    if interval == "1M":
        at = datetime.fromtimestamp(start, UTC)
        month = at.year * 12 + at.month - 1
        month += at != _month(month)
        while True:
            yield _month(month).timestamp(), _month(month + 1).timestamp()
            month += 1
    step = _INTERVALS[interval]
    offset = _MONDAY if interval == "1w" else 0
    begin = -((offset - start) // step) * step + offset
    while True:
        yield begin, begin + step
        begin += step


def _month(number: int) -> datetime:
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def _digits(number: float) -> str:
    return f"{number:.8f}"
