"""The tables of the weather domain."""

from adapters.sources.weather.variables import DAILY, HOURLY
from domain.expectations import Expectation
from domain.schema import Field, Kind, Schema
from domain.tables import TableSpec, WriteMode

KINDS = frozenset({"observed", "forecast"})

_PLACE = (
    Field("place", Kind.STRING, "the place, as in `places`"),
    Field("latitude", Kind.NUMBER, "of the place, degrees north"),
    Field("longitude", Kind.NUMBER, "of the place, degrees east"),
)
_KIND = Field(
    "kind",
    Kind.STRING,
    "`observed` (from the archive of past weather) or `forecast`, also for the last five days",
)

HOURLY_TABLE = TableSpec(
    "hourly",
    Schema((*_PLACE, Field("time", Kind.TIMESTAMP, "the hour, UTC"), _KIND, *HOURLY)),
    key=("place", "time"),
    mode=WriteMode.MERGE,
    meaning="One row an hour and place; variables that were not asked for are null.",
)

DAILY_TABLE = TableSpec(
    "daily",
    Schema(
        (*_PLACE, Field("date", Kind.DATE, "the day, by the clocks of the place"), _KIND, *DAILY)
    ),
    key=("place", "date"),
    mode=WriteMode.MERGE,
    meaning="One row a day and place; variables that were not asked for are null.",
)

PLACES_TABLE = TableSpec(
    "places",
    Schema(
        (
            *_PLACE,
            Field("elevation", Kind.NUMBER, "metres above sea level"),
            Field("timezone", Kind.STRING, "IANA name of its time zone (`Europe/Berlin`)"),
            Field("name", Kind.STRING, "its own name; null for coordinates"),
            Field("admin1", Kind.STRING, "state or province"),
            Field("country", Kind.STRING, "country, in English"),
            Field("country_code", Kind.STRING, "country, two letters (ISO 3166-1)"),
            Field("population", Kind.INTEGER, "people who live there"),
            Field("geonames_id", Kind.INTEGER, "its number at geonames.org"),
        )
    ),
    key=("place",),
    meaning="One row a place of the target.",
)

EXPECTATIONS = (
    Expectation("hourly", not_null=("kind",), accepted=(("kind", KINDS),)),
    Expectation("daily", not_null=("kind",), accepted=(("kind", KINDS),)),
    Expectation("places", not_null=("latitude", "longitude")),
)
