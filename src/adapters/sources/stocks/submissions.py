"""Answers of `/submissions/CIK##########.json`, and of the further files that they name."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.sources.json_documents import short_text, text
from adapters.sources.stocks.company_facts import day
from domain.errors import ParseError
from domain.tables import Record

_FILE = re.compile(r"CIK\d{10}-submissions-\d{3,4}\.json", re.ASCII)
_COLUMNS = (
    "accessionNumber", "form", "filingDate", "reportDate", "acceptanceDateTime", "items", "size",
    "isXBRL", "primaryDocument", "primaryDocDescription",
)  # fmt: skip
_MOST_FILES = 1000
_LARGEST = 2**63
_LONGEST_TIME = 40


def company_record(answer: Any, symbol: str, cik: str) -> Record:
    """The row of `companies`.

    Raises:
        ParseError: the answer is not about a company.
    """
    if type(answer) is not dict or type(answer.get("filings")) is not dict:
        message = f"The answer for {symbol} is not a list of filings."
        raise ParseError(message)
    names = ("name", "sic", "sicDescription", "category", "fiscalYearEnd", "stateOfIncorporation")
    lists = (answer.get("tickers"), answer.get("exchanges"))
    return (symbol, cik, *(short_text(answer.get(name)) for name in names), *map(_joined, lists))


def read_filings(block: Any, symbol: str, cik: str) -> Iterator[Record]:
    """The filings of a block of columns, `filings.recent` or a further file.

    Raises:
        ParseError: a column is missing, or is not as long as the others.
    """
    columns = [block.get(name) if type(block) is dict else None for name in _COLUMNS]
    if any(type(column) is not list or len(column) != len(columns[0] or ()) for column in columns):
        message = f"The filings of {symbol} are not columns of one length."
        raise ParseError(message)
    rows: Iterator[Sequence[Any]] = zip(*(column or () for column in columns), strict=True)
    for accession, form, filed, reported, accepted, items, size, xbrl, document, title in rows:
        yield (
            symbol,
            cik,
            text(accession),
            text(form),
            day(filed),
            day(reported),
            _moment(accepted),
            short_text(items),
            size if type(size) is int and 0 <= size < _LARGEST else None,
            bool(xbrl) if type(xbrl) in (int, bool) else None,
            short_text(document),
            short_text(title),
        )


def further_files(answer: Any, symbol: str, cik: str) -> Sequence[str]:
    """Names of the files with older filings.

    Raises:
        ParseError: one is named that is not of the company.
    """
    files = answer["filings"].get("files") or []
    names = (
        [each.get("name") if type(each) is dict else None for each in files]
        if (type(files) is list)
        else [None]
    )
    mine = [
        name
        for name in names
        if type(name) is str and _FILE.fullmatch(name) and name.startswith(f"CIK{cik}")
    ]
    if len(mine) != len(names) or len(mine) > _MOST_FILES:
        message = f"The filings of {symbol} go on in files that are not its own."
        raise ParseError(message)
    return list(dict.fromkeys(mine))


def _joined(value: Any) -> str | None:
    words = [each for each in value if type(each) is str] if type(value) is list else []
    return ",".join(words) or None


def _moment(value: Any) -> datetime | None:
    if type(value) is not str or len(value) > _LONGEST_TIME:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
