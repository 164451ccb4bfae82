"""Coinbase Exchange: candles, the newest first, and none for intervals without a trade."""

import re
from collections import deque
from datetime import UTC, datetime
from typing import Any

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.asked import Asked, Upstream
from entrypoints.sandbox.made_up_candles import candle
from entrypoints.sandbox.made_up_numbers import fraction
from entrypoints.sandbox.plain_answers import plain_json

PRODUCTS = {"BTC-USD": 60_000.0, "ETH-USD": 3_000.0, "SOL-USD": 150.0, "ETH-BTC": 0.05}
"""What is listed, with its usual price."""

LISTED = 1_704_067_200  # 2024-01-01
_CANDLES = re.compile(r"/products/(?P<product>[^/]+)/candles")
_LENGTHS = frozenset({60, 300, 900, 3600, 21_600, 86_400})
_MOST = 300
_A_SECOND = (15, 1.0)  # requests, seconds
_EMPTY = 0.02  # share of minutes without a trade


class CoinbaseRoutes(Upstream):
    """Answers below `/products`."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque()

    def answer(self, asked: Asked) -> Answer | None:
        """One request."""
        match = _CANDLES.fullmatch(asked.path)
        if match is None and asked.path != "/products":
            return None
        most, seconds = _A_SECOND
        while self._recent and asked.now - self._recent[0] >= seconds:
            self._recent.popleft()
        self._recent.append(asked.now)
        if len(self._recent) > most:
            return plain_json({"message": "Public rate limit exceeded"}, 429)
        if match is None:
            return plain_json([{"id": name, "status": "online"} for name in PRODUCTS])
        if match["product"] not in PRODUCTS:
            return plain_json({"message": "NotFound"}, 404)
        return _candles(match["product"], asked)


def _candles(product: str, asked: Asked) -> Answer:
    try:
        length = int(asked.query["granularity"])
        start, end = (_seconds(asked.query[name]) for name in ("start", "end"))
    except (KeyError, ValueError):
        return plain_json({"message": "Invalid start, end or granularity"}, 400)
    if length not in _LENGTHS:
        return plain_json({"message": "Unsupported granularity"}, 400)
    if (end - start) / length > _MOST:
        message = "granularity too small for the requested time range. Count of aggregations "
        return plain_json({"message": f"{message}requested exceeds {_MOST}"}, 400)
    first = -(-max(start, LISTED) // length) * length
    begins = range(first, int(min(end, asked.now)) + 1, length)
    return plain_json(
        [
            _row(product, at, length, asked.now)
            for at in reversed(begins)
            if _traded(product, at, length)
        ]
    )


def _row(product: str, at: int, length: int, now: float) -> list[Any]:
    made = candle(product, PRODUCTS[product], at, at + length, now)
    prices = [round(each, 5) for each in (made.low, made.high, made.open, made.close)]
    return [at, *prices, round(made.volume, 8)]


def _traded(product: str, at: int, length: int) -> bool:
    return length != min(_LENGTHS) or fraction(product, at, "traded") >= _EMPTY


def _seconds(text: str) -> int:
    if text.isdecimal():
        return int(text)
    at = datetime.fromisoformat(text)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
