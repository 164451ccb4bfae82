"""Yahoo's chart, for days."""

import re
from datetime import UTC, datetime

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.asked import Asked, Upstream
from entrypoints.sandbox.plain_answers import plain_json
from entrypoints.sandbox.stock_market import COMPANIES, trading_days

_CHART = re.compile(r"/v8/finance/chart/(?P<symbol>[^/]+)")
_OPENS = 14.5 * 3600
_CACHE = b"public, max-age=10, stale-while-revalidate=20"


class YahooRoutes(Upstream):
    """Answers below `/v8/finance/chart`."""

    def answer(self, asked: Asked) -> Answer | None:
        """One request."""
        match = _CHART.fullmatch(asked.path)
        if match is None:
            return None
        company = COMPANIES.get(match["symbol"])
        if company is None:
            error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
            return plain_json({"chart": {"result": None, "error": error}}, 404)
        begin, end = float(asked.query.get("period1", 0)), float(asked.query.get("period2", 0))
        timed = [
            (int(datetime(d.day.year, d.day.month, d.day.day, tzinfo=UTC).timestamp() + _OPENS), d)
            for d in trading_days(company, asked.now)
        ]
        found = [(at, day) for at, day in timed if begin <= at < end]
        events = {
            "dividends": {
                str(at): {"amount": day.dividend, "date": at} for at, day in found if day.dividend
            },
            "splits": {
                str(at): {"date": at, "numerator": day.split, "denominator": 1}
                for at, day in found
                if day.split != 1
            },
        }
        names = ("open", "high", "low", "close", "volume")
        quote = {name: [getattr(day, name) for _, day in found] for name in names}
        result = {
            "meta": {"currency": "USD", "symbol": company.ticker, "gmtoffset": -18_000},
            "timestamp": [at for at, _ in found],
            "events": {name: each for name, each in events.items() if each},
            "indicators": {
                "quote": [quote],
                "adjclose": [{"adjclose": [day.close * day.factor for _, day in found]}],
            },
        }
        fields = [(b"cache-control", _CACHE)]
        return plain_json({"chart": {"result": [result], "error": None}}, fields=fields)
