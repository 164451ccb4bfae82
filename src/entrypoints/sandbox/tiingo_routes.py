"""Tiingo: daily prices, with a key in a field of its own form."""

import re
from datetime import date
from typing import Any

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.asked import Asked, Upstream
from entrypoints.sandbox.plain_answers import plain_json
from entrypoints.sandbox.stock_market import COMPANIES, TradingDay, trading_days

_PRICES = re.compile(r"/tiingo/daily/(?P<ticker>[^/]+)/prices")
_SEARCH = "/tiingo/utilities/search"
_SIMILAR = 2  # letters
_AN_HOUR, _LIMIT = 3600, 500


class TiingoRoutes(Upstream):
    """Answers below `/tiingo`."""

    def __init__(self) -> None:
        self._hour = 0
        self._asked = 0

    def answer(self, asked: Asked) -> Answer | None:
        """One request; any key will do."""
        match = _PRICES.fullmatch(asked.path)
        if match is None and asked.path != _SEARCH:
            return None
        if not asked.headers.get("authorization", "").startswith("Token "):
            return plain_json({"detail": "Please supply a token"}, 401)
        hour = int(asked.now // _AN_HOUR)
        self._hour, self._asked = hour, self._asked + 1 if hour == self._hour else 1
        if self._asked > _LIMIT:
            return plain_json({"detail": "You have run over your hourly request allocation."}, 429)
        if match is None:
            return plain_json(_search(asked.query.get("query", "")))
        return _prices(match["ticker"].upper(), asked)


def _search(words: str) -> list[dict[str, Any]]:
    found = [
        each for each in COMPANIES.values() if each.ticker[:_SIMILAR] == words.upper()[:_SIMILAR]
    ]
    return [
        {"ticker": each.ticker, "name": each.name, "assetType": "Stock", "isActive": True}
        for each in found
    ]


def _prices(ticker: str, asked: Asked) -> Answer:
    company = COMPANIES.get(ticker)
    if company is None:
        return plain_json({"detail": f"Error: Ticker '{ticker}' not found"}, 404)
    days = trading_days(company, asked.now)
    try:
        start = date.fromisoformat(asked.query.get("startDate", str(days[-1].day)))
        end = date.fromisoformat(asked.query.get("endDate", str(date.max)))
    except ValueError:
        return plain_json({"detail": "Error: the dates must be YYYY-MM-DD"}, 400)
    return plain_json([_row(each) for each in days if start <= each.day <= end])


def _row(day: TradingDay) -> dict[str, Any]:
    factor = day.factor
    return {
        "date": f"{day.day}T00:00:00.000Z",
        "close": day.close,
        "high": day.high,
        "low": day.low,
        "open": day.open,
        "volume": day.volume,
        "adjClose": day.close * factor,
        "adjHigh": day.high * factor,
        "adjLow": day.low * factor,
        "adjOpen": day.open * factor,
        "adjVolume": day.volume,
        "divCash": day.dividend,
        "splitFactor": day.split,
    }
