"""World Bank: pages of two-part arrays, and errors that come with status 200."""

import re
from datetime import UTC, datetime
from typing import Any

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.asked import Asked, Upstream
from entrypoints.sandbox.made_up_numbers import fraction, level
from entrypoints.sandbox.plain_answers import plain_json

INDICATORS = {
    "NY.GDP.MKTP.CD": ("GDP (current US$)", 5e11),
    "SP.POP.TOTL": ("Population, total", 5e7),
    "FP.CPI.TOTL.ZG": ("Inflation, consumer prices (annual %)", 3.0),
    "SP.DYN.LE00.IN": ("Life expectancy at birth, total (years)", 72.0),
}
COUNTRIES = {
    "BRA": ("BR", "Brazil", "LCN"), "CHN": ("CN", "China", "EAS"), "DEU": ("DE", "Germany", "ECS"),
    "EMU": ("XC", "Euro area", ""), "FRA": ("FR", "France", "ECS"),
    "GBR": ("GB", "United Kingdom", "ECS"), "IND": ("IN", "India", "SAS"),
    "JPN": ("JP", "Japan", "EAS"), "MEX": ("MX", "Mexico", "LCN"),
    "USA": ("US", "United States", "NAC"), "WLD": ("1W", "World", ""),
    "": ("ZH", "Africa Eastern and Southern", ""),
}  # fmt: skip
"""By code of three letters; those without a region are aggregates, of which one has no code."""

_FIRST_YEAR = 1960
_MISSING = 0.05  # share of values that are null
_MOST = 32_500
_VALUES = re.compile(r"(?:/v2)?/country/(?P<country>[^/]+)/indicator/(?P<indicator>[^/]+)")
_LISTS = re.compile(r"(?:/v2)?/(?P<list>country|indicator)(?:/(?P<one>[^/]+))?")


class WorldBankRoutes(Upstream):
    """Answers below `/v2`."""

    def answer(self, asked: Asked) -> Answer | None:
        """One request."""
        values, lists = _VALUES.fullmatch(asked.path), _LISTS.fullmatch(asked.path)
        if values is None and lists is None:
            return None
        try:
            page, size = int(asked.query.get("page", 1)), int(asked.query.get("per_page", 50))
        except ValueError:
            return _invalid()
        if page < 1 or not 1 <= size <= _MOST:
            return _invalid()
        rows = _values(values, asked) if values is not None else _listed(lists)
        if rows is None:
            return _invalid()
        pages = -(-len(rows) // size)
        head: dict[str, Any] = {
            "page": page,
            "pages": pages,
            "per_page": size if values else str(size),
            "total": len(rows),
        }
        if values is not None:
            head |= {"sourceid": "2", "lastupdated": "2026-07-13"}
        found = rows[(page - 1) * size : page * size]
        return plain_json([head, found or None])


def _values(match: re.Match[str], asked: Asked) -> list[dict[str, Any]] | None:
    country, indicator = match["country"], match["indicator"]
    if indicator not in INDICATORS:
        return None
    by_code = {code.lower(): each for each in COUNTRIES for code in (each, COUNTRIES[each][0])}
    wanted = [*COUNTRIES] if country.lower() == "all" else country.lower().split(";")
    codes = [by_code.get(code.lower()) for code in wanted]
    this_year = datetime.fromtimestamp(asked.now, UTC).year
    span = asked.query.get("date", f"{_FIRST_YEAR}:{this_year - 1}").split(":")
    if None in codes or not all(year.isdecimal() for year in span):
        return None
    first, last = max(int(span[0]), _FIRST_YEAR), min(int(span[-1]), this_year - 1)
    title, size = INDICATORS[indicator]
    return [
        {
            "indicator": {"id": indicator, "value": title},
            "country": {"id": COUNTRIES[code][0], "value": COUNTRIES[code][1]},
            "countryiso3code": code,
            "date": str(year),
            "value": _value(indicator, code, year, size),
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }
        for code in codes
        if code is not None
        for year in range(last, first - 1, -1)
    ]


def _value(indicator: str, code: str, year: int, size: float) -> float | int | None:
    if fraction(indicator, code, year) < _MISSING:
        return None
    at = datetime(year, 1, 1, tzinfo=UTC).timestamp()
    value = size * (0.3 + fraction(indicator, code)) * level(f"{indicator}{code}", at)
    return int(value) if indicator == "SP.POP.TOTL" else round(value, 4)


def _listed(match: re.Match[str] | None) -> list[dict[str, Any]] | None:
    if match is None:
        return None
    rows = _countries() if match["list"] == "country" else _indicators()
    return [row for row in rows if match["one"] in (None, "all", row["id"])] or None


def _countries() -> list[dict[str, Any]]:
    return [
        {
            "id": code,
            "iso2Code": short,
            "name": name,
            "region": {"id": region or "NA", "value": region or "Aggregates"},
        }
        for code, (short, name, region) in COUNTRIES.items()
    ]


def _indicators() -> list[dict[str, Any]]:
    return [{"id": name, "name": title, "unit": ""} for name, (title, _) in INDICATORS.items()]


def _invalid() -> Answer:
    words = "The provided parameter value is not valid"
    return plain_json([{"message": [{"id": "120", "key": "Invalid value", "value": words}]}])
