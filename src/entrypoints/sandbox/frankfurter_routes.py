"""Frankfurter: reference rates of the ECB, on working days, with entity tags (v1 and v2)."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.asked import Asked, Upstream
from entrypoints.sandbox.made_up_numbers import level
from entrypoints.sandbox.plain_answers import plain_json, tagged_json

PER_EURO = {
    "AUD": 1.65, "BRL": 5.9, "CAD": 1.5, "CHF": 0.95, "CNY": 7.8, "CZK": 25.0, "DKK": 7.46,
    "EUR": 1.0, "GBP": 0.85, "INR": 90.0, "JPY": 160.0, "MXN": 19.0, "NOK": 11.5, "PLN": 4.3,
    "SEK": 11.3, "SGD": 1.45, "USD": 1.08,
}  # fmt: skip
"""What is served, with its usual rate."""

FIRST = date(1999, 1, 4)
_CALM = 0.15  # how much of a price's movement a rate has
_PUBLISHED = timedelta(hours=15)
_HOLIDAYS = frozenset({(1, 1), (5, 1), (12, 25), (12, 26)})
_SATURDAY = 5
_CACHE = "public, max-age=86400"
_DAY = r"\d{4}-\d{2}-\d{2}"
_V1 = re.compile(rf"(?:/v1)?/(?P<start>latest|{_DAY})(?P<range>\.\.(?P<end>{_DAY})?)?")
_V2 = re.compile(r"(?:/v2)?/rates")
_CURRENCIES = re.compile(r"(?P<version>/v[12])?/currencies")
_NO_STORE = [(b"cache-control", b"no-store")]


class FrankfurterRoutes(Upstream):
    """Answers below `/v1` and `/v2`."""

    def answer(self, asked: Asked) -> Answer | None:
        """One request."""
        try:
            if match := _V1.fullmatch(asked.path):
                return _v1(match, asked)
            if _V2.fullmatch(asked.path):
                return _v2(asked)
        except ValueError:
            return _error(422, "invalid date", asked)
        if match := _CURRENCIES.fullmatch(asked.path):
            listed: Any = {name: name for name in PER_EURO}
            if match["version"] == "/v2":
                listed = [{"iso_code": name, "name": name} for name in PER_EURO]
            return tagged_json(listed, asked, _CACHE)
        return None


def _v1(match: re.Match[str], asked: Asked) -> Answer:
    query = asked.query
    base = query.get("base") or query.get("from") or "EUR"
    wanted = query.get("symbols") or query.get("to")
    symbols = wanted.split(",") if wanted else [name for name in PER_EURO if name != base]
    if base not in PER_EURO or not set(symbols) <= set(PER_EURO):
        return _error(404, "not found", asked)
    latest = _latest(asked.now)
    start = latest if match["start"] == "latest" else date.fromisoformat(match["start"])
    amount = float(query.get("amount", "1"))
    if not match["range"]:
        day = next((d for d in _days(start - timedelta(days=7), min(start, latest))[::-1]), None)
        if day is None:
            return _error(404, "not found", asked)
        rates = _rates(base, symbols, day, amount)
        return tagged_json(
            {"amount": amount, "base": base, "date": str(day), "rates": rates}, asked, _CACHE
        )
    end = date.fromisoformat(match["end"]) if match["end"] else latest
    days = _days(start, min(end, latest))
    if not days:
        return _error(404, "not found", asked)
    value = {
        "amount": amount,
        "base": base,
        "start_date": str(days[0]),
        "end_date": str(days[-1]),
        "rates": {str(day): _rates(base, symbols, day, amount) for day in days},
    }
    return tagged_json(value, asked, _CACHE)


def _v2(asked: Asked) -> Answer:
    query = asked.query
    base = query.get("base", "EUR")
    wanted = query.get("quotes") or query.get("symbols")
    quotes = wanted.split(",") if wanted else [name for name in PER_EURO if name != base]
    unknown = [name for name in (base, *quotes) if name not in PER_EURO]
    if unknown:
        return _error(422, f"invalid currency: {unknown[0]}", asked)
    latest = _latest(asked.now)
    if "from" in query:
        last = date.fromisoformat(query["to"]) if "to" in query else latest
        days = _days(date.fromisoformat(query["from"]), min(last, latest))
    else:
        day = date.fromisoformat(query["date"]) if "date" in query else latest
        days = _days(day - timedelta(days=7), min(day, latest))[-1:]
    rows = [
        {"date": str(day), "base": base, "quote": quote, "rate": rate}
        for day in days
        for quote, rate in _rates(base, quotes, day, 1.0).items()
    ]
    return tagged_json(rows, asked, f"{_CACHE}, stale-while-revalidate=3600, stale-if-error=86400")


def _latest(now: float) -> date:
    day = (datetime.fromtimestamp(now, UTC) - _PUBLISHED).date()
    return next(each for each in _backwards(day) if _is_working(each))


def _backwards(day: date) -> Iterator[date]:
    while True:
        yield day
        day -= timedelta(days=1)


def _days(start: date, end: date) -> list[date]:
    start = max(start, FIRST)
    every = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return [day for day in every if _is_working(day)]


def _is_working(day: date) -> bool:
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _HOLIDAYS


def _rates(base: str, quotes: list[str], day: date, amount: float) -> dict[str, Any]:
    own = _per_euro(base, day)
    return {
        quote: float(f"{amount * _per_euro(quote, day) / own:.5g}")
        for quote in sorted(quotes)
        if quote != base
    }


def _per_euro(name: str, day: date) -> float:
    at = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    movement = 1.0 if name == "EUR" else level(name, at) ** _CALM
    return PER_EURO[name] * movement


def _error(status: int, message: str, asked: Asked) -> Answer:
    body: dict[str, Any] = {"message": message}
    if asked.path.startswith("/v2") or asked.path == "/rates":
        body = {"status": status, **body}
    return plain_json(body, status, _NO_STORE)
