"""Tables of what companies file with the SEC."""

from domain.schema import Field, Kind, Schema
from domain.tables import TableSpec

_SYMBOL = Field("symbol", Kind.STRING, "the company, as it was asked for: ticker or CIK")
_CIK = Field("cik", Kind.STRING, "the company's number at the SEC, ten digits")
_ACCESSION = Field("accession", Kind.STRING, "number of the filing")
_FORM = Field("form", Kind.STRING, "kind of the filing (`10-K`, `10-Q`, `8-K`)")

FACTS = TableSpec(
    "facts",
    Schema(
        (
            _SYMBOL,
            _CIK,
            Field("taxonomy", Kind.STRING, "who defines the concept (`us-gaap`, `dei`)"),
            Field("concept", Kind.STRING, "what is stated (`Assets`, `NetIncomeLoss`)"),
            Field("unit", Kind.STRING, "of the value (`USD`, `shares`, `USD/shares`)"),
            Field("period", Kind.STRING, "`start/end`, or the day for a state on a day"),
            Field("period_start", Kind.DATE, "first day; null for a state on a day"),
            Field("period_end", Kind.DATE, "last day, or the day of the state"),
            Field("value", Kind.NUMBER, "what was stated, as a DOUBLE"),
            Field("value_text", Kind.STRING, "the same in exact digits"),
            Field("fiscal_year", Kind.INTEGER, "of the filing that states it"),
            Field("fiscal_period", Kind.STRING, "`FY`, `Q1`, …, of that filing"),
            _FORM,
            Field("filed", Kind.DATE, "when it was filed"),
            _ACCESSION,
            Field("frame", Kind.STRING, "calendar period that it is the one fact of, if it is"),
            Field("label", Kind.STRING, "the concept in words"),
        )
    ),
    key=("symbol", "taxonomy", "concept", "unit", "period", "accession"),
    meaning="One row a stated fact; later filings repeat facts of earlier ones.",
)

FILINGS = TableSpec(
    "filings",
    Schema(
        (
            _SYMBOL,
            _CIK,
            _ACCESSION,
            _FORM,
            Field("filing_date", Kind.DATE, "day of the filing"),
            Field("report_date", Kind.DATE, "end of the period that it reports on"),
            Field("accepted_at", Kind.TIMESTAMP, "when the SEC took it in"),
            Field("items", Kind.STRING, "comma list of the items of an 8-K"),
            Field("size", Kind.INTEGER, "bytes"),
            Field("is_xbrl", Kind.BOOLEAN, "whether facts can be read out of it"),
            Field("primary_document", Kind.STRING, "name of its main document"),
            Field("description", Kind.STRING, "of that document"),
        )
    ),
    key=("symbol", "accession"),
    meaning="One row a filing.",
)

COMPANIES = TableSpec(
    "companies",
    Schema(
        (
            _SYMBOL,
            _CIK,
            Field("name", Kind.STRING, "of the company"),
            Field("sic", Kind.STRING, "code of its industry"),
            Field("industry", Kind.STRING, "the industry in words"),
            Field("category", Kind.STRING, "size class of the filer"),
            Field("fiscal_year_end", Kind.STRING, "month and day, as `1231`"),
            Field("state", Kind.STRING, "where it is incorporated"),
            Field("tickers", Kind.STRING, "comma list of its tickers"),
            Field("exchanges", Kind.STRING, "comma list of where they are traded"),
        )
    ),
    key=("symbol",),
    meaning="One row a company.",
)
