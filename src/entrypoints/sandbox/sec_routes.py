"""SEC EDGAR: tickers, filings and facts; whoever does not say who asks is refused."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.asked import Asked, Upstream
from entrypoints.sandbox.made_up_numbers import fraction
from entrypoints.sandbox.plain_answers import plain_json
from entrypoints.sandbox.stock_market import COMPANIES, Company

_PATHS = re.compile(
    r"/files/(?P<tickers>company_tickers\.json)|"
    r"/submissions/CIK(?P<filings>\d{10})(?:-submissions-(?P<older>\d{3}))?\.json|"
    r"/api/xbrl/companyfacts/CIK(?P<facts>\d{10})\.json"
)
_RECENT = 8  # filings before the further file begins
_FIRST = date(2020, 3, 31)
_QUARTER = timedelta(days=91)
_NOT_STORED = [(b"cache-control", b"max-age=0, no-cache, no-store"), (b"pragma", b"no-cache")]
_NO_FACTS = frozenset({COMPANIES["BRK-B"].cik})
_CONCEPTS = (
    ("us-gaap", "Assets", "USD", "Assets", False),
    ("us-gaap", "NetIncomeLoss", "USD", "Net Income (Loss)", True),
    ("us-gaap", "EarningsPerShareDiluted", "USD/shares", "Earnings Per Share, Diluted", True),
    ("dei", "EntityCommonStockSharesOutstanding", "shares", None, False),
)


class SecRoutes(Upstream):
    """Answers of www.sec.gov and data.sec.gov."""

    def answer(self, asked: Asked) -> Answer | None:
        """One request."""
        match = _PATHS.fullmatch(asked.path)
        if match is None:
            return None
        if "@" not in asked.headers.get("user-agent", ""):
            page = b"<html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head>"
            return Answer(403, page, [(b"content-type", b"text/html")])
        if match["tickers"]:
            return plain_json(_tickers(), fields=_NOT_STORED)
        cik = int(match["filings"] or match["facts"])
        company = next((each for each in COMPANIES.values() if each.cik == cik), None)
        older = match["older"]
        if company is None or (older and older != "001") or (match["facts"] and cik in _NO_FACTS):
            return _no_such_key(asked.path)
        if match["facts"]:
            return plain_json(_facts(company, asked.now), fields=_NOT_STORED)
        filings = _filings(company, asked.now)
        body = _columns(filings[_RECENT:]) if older else _submissions(company, filings)
        return plain_json(body, fields=_NOT_STORED)


def _tickers() -> dict[str, Any]:
    return {
        str(number): {"cik_str": each.cik, "ticker": each.ticker, "title": each.name}
        for number, each in enumerate(COMPANIES.values())
    }


def _submissions(company: Company, filings: list[tuple[date, str]]) -> dict[str, Any]:
    older = filings[_RECENT:]
    file = {
        "name": f"CIK{company.cik:010d}-submissions-001.json",
        "filingCount": len(older),
        "filingFrom": str(older[-1][0]) if older else "",
        "filingTo": str(older[0][0]) if older else "",
    }
    return {
        "cik": f"{company.cik:010d}",
        "entityType": "operating",
        "sic": "3571",
        "sicDescription": "Electronic Computers",
        "name": company.name,
        "tickers": [company.ticker],
        "exchanges": ["Nasdaq"],
        "category": "Large accelerated filer",
        "fiscalYearEnd": "1231",
        "stateOfIncorporation": "DE",
        "filings": {"recent": _columns(filings[:_RECENT]), "files": [file] if older else []},
    }


def _filings(company: Company, now: float) -> list[tuple[date, str]]:
    """Days and numbers of the quarterly reports, the newest first."""
    today = datetime.fromtimestamp(now, UTC).date()
    count = max(0, (today - _FIRST - timedelta(days=30)) // _QUARTER + 1)
    days = [_FIRST + n * _QUARTER + timedelta(days=30) for n in range(count)]
    return [(day, f"{company.cik:010d}-{day:%y}-{n:06d}") for n, day in enumerate(days)][::-1]


def _columns(filings: list[tuple[date, str]]) -> dict[str, list[Any]]:
    forms = ["10-K" if day.month in (1, 2) else "10-Q" for day, _ in filings]
    return {
        "accessionNumber": [accession for _, accession in filings],
        "filingDate": [str(day) for day, _ in filings],
        "reportDate": [str(day - timedelta(days=30)) for day, _ in filings],
        "acceptanceDateTime": [f"{day}T21:05:00.000Z" for day, _ in filings],
        "form": forms,
        "items": ["" for _ in filings],
        "size": [1_000_000 + day.toordinal() for day, _ in filings],
        "isXBRL": [1 for _ in filings],
        "primaryDocument": [f"report-{day}.htm" for day, _ in filings],
        "primaryDocDescription": forms,
    }


def _facts(company: Company, now: float) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for taxonomy, concept, unit, label, lasts in _CONCEPTS:
        stated = [
            _fact(company, concept, unit, filed, accession, lasts=lasts)
            for filed, accession in reversed(_filings(company, now))
        ]
        facts.setdefault(taxonomy, {})[concept] = {
            "label": label,
            "description": None,
            "units": {unit: stated},
        }
    return {"cik": company.cik, "entityName": company.name, "facts": facts}


def _fact(
    company: Company, concept: str, unit: str, filed: date, accession: str, *, lasts: bool
) -> dict[str, Any]:
    end = filed - timedelta(days=30)
    size = 1 + fraction(company.ticker, concept, filed)
    value: float = round(size, 2) if unit == "USD/shares" else int(size * 1e11)
    fact: dict[str, Any] = {"end": str(end), "val": value, "accn": accession}
    if lasts:
        fact = {"start": str(end - timedelta(days=90)), **fact}
    quarter = (end.month - 1) // 3 + 1
    return {**fact, "fy": end.year, "fp": f"Q{quarter}", "form": "10-Q", "filed": str(filed)}


def _no_such_key(path: str) -> Answer:
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>'
        f"<Message>The specified key does not exist.</Message><Key>{path[1:]}</Key></Error>"
    )
    return Answer(404, body.encode(), [(b"content-type", b"application/xml"), *_NOT_STORED])
