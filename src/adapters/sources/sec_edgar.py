"""SEC EDGAR: what companies of the United States have filed, and the facts in it.

No key; but the SEC wants to know whom to write to, and refuses programs whose `User-Agent` does
not say so. Ten requests a second over all machines of one user
(https://www.sec.gov/search-filings/edgar-application-programming-interfaces).
"""

import re
from collections.abc import Sequence
from typing import Any

from adapters.sources.candles.symbols import check_symbol
from adapters.sources.candles.windows import most
from adapters.sources.json_answers import json_of
from adapters.sources.stocks.company_facts import read_facts
from adapters.sources.stocks.company_tables import COMPANIES, FACTS, FILINGS
from adapters.sources.stocks.submissions import company_record, further_files, read_filings
from domain.errors import FetchError, NotFoundError, ParseError, UsageError
from domain.expectations import Expectation
from domain.rate_limits import RateLimit
from domain.requests import CacheMode, CachePolicy, Request, Response
from domain.sources import Options, Page, Source, SourcePolicy, Window

_WWW = "www"
_TARGET = re.compile(r"[A-Z][A-Z0-9.-]{0,11}|(?:CIK)?\d{1,10}", re.ASCII)
_NUMBER = re.compile(r"(?:CIK)?(\d{1,10})", re.ASCII)
_LARGEST_CIK = 10**10
_NOT_FOUND = 404
_A_DAY = CachePolicy(CacheMode.KEEP, 86_400)
_ASKED_ANEW = CachePolicy(CacheMode.REFRESH)
_HINT = "Give a ticker as AAPL, or the company's CIK as CIK0000320193."
_NO_FACTS = "the SEC has no facts of this company in machine-readable form"
_WHO_ASKS = (
    "The SEC refuses programs that do not say whom to write to: set APP_HTTP__CONTACT to your "
    "e-mail address"
)


def _check_target(target: str) -> str:
    return check_symbol(target, _TARGET, "ticker or CIK", "AAPL or CIK0000320193")


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    if window.since or window.until:
        message = "Filings are read as a whole: --since and --until do not apply to sec_edgar."
        raise UsageError(message)
    context = {"symbol": target, "left": most(options)}
    if context["left"] == 0:
        return ()
    if (number := _NUMBER.fullmatch(target)) is not None:
        return _company({**context, "cik": number[1].zfill(10)})
    url = "/files/company_tickers.json"
    return [Request(kind="tickers", url=url, context=context, cache=_A_DAY, host=_WWW)]


def _company(context: dict[str, Any]) -> Sequence[Request]:
    cik = context["cik"]
    asked = (
        ("submissions", f"/submissions/CIK{cik}.json"),
        ("facts", f"/api/xbrl/companyfacts/CIK{cik}.json"),
    )
    return [_request(kind, url, context) for kind, url in asked]


def _request(kind: str, url: str, context: dict[str, Any]) -> Request:
    return Request(kind=kind, url=url, context=context, cache=_ASKED_ANEW, expands=True)


def _parse(request: Request, response: Response) -> Page:
    context = dict(request.context)
    symbol, left = context["symbol"], context["left"]
    answer = json_of(response, f"the {request.kind} of {symbol}")
    if request.kind == "tickers":
        return Page(requests=_company({**context, "cik": _cik(answer, symbol)}))
    cik = context["cik"]
    if request.kind == "facts":
        facts = [*read_facts(answer, symbol, cik)][:left]
        return Page(records={"facts": facts}, items=len(facts))
    if request.kind == "file":
        return Page(records={"filings": [*read_filings(answer, symbol, cik)]})
    company = company_record(answer, symbol, cik)
    filings = [*read_filings(answer["filings"].get("recent"), symbol, cik)][:left]
    files = further_files(answer, symbol, cik) if left is None else ()
    return Page(
        records={"companies": [company], "filings": filings},
        requests=[_request("file", f"/submissions/{name}", context) for name in files],
    )


def _cik(answer: Any, symbol: str) -> str:
    """The number of a ticker.

    Raises:
        NotFoundError: nobody has it.
        ParseError: the answer is not the list of tickers.
    """
    rows = answer.values() if type(answer) is dict else ()
    numbers = {
        row["ticker"].upper(): row.get("cik_str")
        for row in rows
        if type(row) is dict and type(row.get("ticker")) is str
    }
    if not numbers:
        message = "The SEC's list of tickers is not one."
        raise ParseError(message)
    cik = numbers.get(symbol.replace(".", "-"))
    if type(cik) is not int or not 0 < cik < _LARGEST_CIK:
        raise NotFoundError(what="ticker", name=symbol, known=numbers, hint=_HINT)
    return str(cik).zfill(10)


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    symbol = request.context["symbol"]
    if isinstance(error, FetchError) and error.status == _NOT_FOUND:
        if request.kind == "facts":
            return Page(notes=(_NO_FACTS,))
        if request.kind == "submissions":
            raise NotFoundError(what="company", name=symbol, hint=_HINT) from error
    raise error


SOURCE = Source(
    name="sec_edgar",
    domain="stocks",
    title="SEC EDGAR: filings of companies, and the facts in them",
    example_target="AAPL",
    tables=(FACTS, FILINGS, COMPANIES),
    policy=SourcePolicy(
        base_url="https://data.sec.gov",
        hosts={_WWW: "https://www.sec.gov"},
        limits=(RateLimit(9, 1.0),),
        concurrency=4,
        when_refused=_WHO_ASKS,
    ),
    check_target=_check_target,
    start=_start,
    parse=_parse,
    failed=_failed,
    expectations=(
        Expectation("facts", not_null=("form", "filed")),
        Expectation("filings", not_null=("form", "filing_date")),
        Expectation("companies", not_null=("name",)),
    ),
    takes=frozenset(),
)
