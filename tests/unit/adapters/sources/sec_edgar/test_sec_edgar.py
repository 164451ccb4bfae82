"""Real submissions of companies, facts in the documented form."""

import json
from datetime import UTC, date, datetime

import pytest

from adapters.sources.sec_edgar import SOURCE
from domain.errors import NotFoundError, ParseError, PermanentError, UsageError
from domain.options import check_options
from domain.requests import Request
from domain.sources import Window
from tests.fakes.recorded_answers import answer_of, recorded


def company(cik: str, limit: int | None = None) -> tuple[Request, Request]:
    submissions, facts = SOURCE.start(cik, Window(), check_options(SOURCE, {}, limit))
    return submissions, facts


def test_a_ticker_leads_to_the_company() -> None:
    """By the SEC's list, which lies on another host."""
    (lookup,) = SOURCE.start("BRK.B", Window(), {})
    assert lookup.host == "www"
    page = SOURCE.parse(lookup, recorded("sec_edgar/tickers_sample.json"))
    assert [each.url for each in page.requests] == [
        "/submissions/CIK0001067983.json",
        "/api/xbrl/companyfacts/CIK0001067983.json",
    ]


def test_an_unknown_ticker_gets_suggestions() -> None:
    """Of the list."""
    (lookup,) = SOURCE.start("APPL", Window(), {})
    with pytest.raises(NotFoundError) as caught:
        SOURCE.parse(lookup, recorded("sec_edgar/tickers_sample.json"))
    assert caught.value.suggestions == ("AAPL",)


def test_columns_of_filings_become_rows_and_older_ones_are_in_files() -> None:
    """The newest are in the answer itself."""
    submissions, _ = company("CIK1318605")
    page = SOURCE.parse(submissions, recorded("sec_edgar/submissions_with_a_file.json"))

    assert len(page.records["filings"]) == 40
    assert page.records["filings"][0] == (
        *("CIK1318605", "0001318605", "0001628280-26-003952", "10-K"),
        *(date(2026, 1, 29), date(2025, 12, 31)),
        datetime(2026, 1, 29, 1, 55, 3, tzinfo=UTC),
        *(None, 15755490, True, "tsla-20251231.htm", "10-K"),
    )
    assert page.records["companies"][0][:4] == ("CIK1318605", "0001318605", "Tesla, Inc.", "3711")
    assert [each.url for each in page.requests] == [
        "/submissions/CIK0001318605-submissions-001.json"
    ]
    recent = json.loads(recorded("sec_edgar/submissions_with_a_file.json").body)["filings"]
    older = answer_of(json.dumps(recent["recent"]).encode())
    assert len(SOURCE.parse(page.requests[0], older).records["filings"]) == 40


def test_a_filer_without_filings_and_industry_is_read() -> None:
    """Empty texts are null."""
    submissions, _ = company("CIK1800903")
    page = SOURCE.parse(submissions, recorded("sec_edgar/submissions_of_a_fund.json"))
    assert page.records["companies"][0][3] is None


def test_facts_are_exact_and_keyed_by_period() -> None:
    """A value beyond 2^53 keeps its digits beside the DOUBLE; repeated facts have their filing."""
    _, facts = company("CIK1814722")
    page = SOURCE.parse(facts, recorded("sec_edgar/facts_sample.json"))
    shares, first, again, quarter = page.records["facts"]

    assert shares[5:10] == (
        "2024-01-20",
        None,
        date(2024, 1, 20),
        float(450000000123456789),
        "450000000123456789",
    )
    assert first[5] == "2023-01-01/2023-12-31"
    assert (first[8], first[9]) == (-1234567.25, "-1234567.25")
    assert first[:6] == again[:6]
    assert first[14] != again[14]
    assert quarter[5] == "2023-10-01/2023-12-31"
    assert page.items == 4


def test_a_404_is_xml_and_means_what_was_asked() -> None:
    """No facts are a note; no company is not found."""
    body = recorded("sec_edgar/error_404.xml").body.decode()
    error = PermanentError(f"HTTP 404: {body[:80]}", status=404)
    submissions, facts = company("1")
    assert "machine-readable" in SOURCE.failed(facts, error).notes[0]
    with pytest.raises(NotFoundError, match="CIK0000320193"):
        SOURCE.failed(submissions, error)


def test_files_of_somebody_else_are_refused() -> None:
    """A name in data does not lead to another path."""
    submissions, _ = company("CIK1814722")
    answer = json.loads(recorded("sec_edgar/submissions_without_files.json").body)
    for name in ("../../x.json", "CIK0001318605-submissions-001.json", 7, None):
        answer["filings"]["files"] = [{"name": name}]
        with pytest.raises(ParseError, match="not its own"):
            SOURCE.parse(submissions, answer_of(json.dumps(answer).encode()))


def test_columns_of_different_lengths_are_refused() -> None:
    """Rows would be put together from different filings."""
    submissions, _ = company("CIK1814722")
    answer = json.loads(recorded("sec_edgar/submissions_without_files.json").body)
    answer["filings"]["recent"]["form"].pop()
    with pytest.raises(ParseError, match="one length"):
        SOURCE.parse(submissions, answer_of(json.dumps(answer).encode()))


def test_bad_input() -> None:
    """Filings are read as a whole; a target is a ticker or a CIK."""
    with pytest.raises(UsageError, match="--since"):
        SOURCE.start("AAPL", Window(datetime(2020, 1, 1, tzinfo=UTC)), {})
    with pytest.raises(UsageError, match="AAPL or CIK"):
        SOURCE.check_target("Apple Inc")


def test_a_limit_holds_for_facts_and_filings() -> None:
    """And further files are not asked for."""
    submissions, facts = company("CIK1318605", limit=2)
    page = SOURCE.parse(submissions, recorded("sec_edgar/submissions_with_a_file.json"))
    assert (len(page.records["filings"]), page.requests) == (2, [])
    assert SOURCE.parse(facts, recorded("sec_edgar/facts_sample.json")).items == 2
