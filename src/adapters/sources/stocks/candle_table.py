"""The table of daily prices."""

from datetime import datetime, timedelta

from adapters.sources.candles.tables import CANDLE_FIELDS, CANDLE_KEY
from domain.expectations import Expectation
from domain.schema import Field, Kind, Schema
from domain.tables import TableSpec, WriteMode

DAY = timedelta(days=1)
SETTLED_AFTER = 2 * DAY
"""When a trading day and its corrections are over, counted from its midnight in UTC."""

STOCK_CANDLES = TableSpec(
    "candles",
    Schema(
        (
            *CANDLE_FIELDS,
            Field("adj_open", Kind.NUMBER, "open, adjusted for splits and dividends since"),
            Field("adj_high", Kind.NUMBER, "high, likewise"),
            Field("adj_low", Kind.NUMBER, "low, likewise"),
            Field("adj_close", Kind.NUMBER, "close, likewise"),
            Field("adj_volume", Kind.NUMBER, "volume, likewise"),
            Field("dividend", Kind.NUMBER, "cash a share with this day as its ex-date; 0 for none"),
            Field("split_factor", Kind.NUMBER, "new shares for an old one on this day; 1 for none"),
        )
    ),
    key=CANDLE_KEY,
    mode=WriteMode.MERGE,
    meaning="One row a trading day and symbol; open_time is the day, at midnight UTC.",
)

STOCK_EXPECTATIONS = (
    Expectation("candles", not_null=("open", "high", "low", "close", "is_final")),
)


def is_settled(day: datetime, now: datetime) -> bool:
    """Whether the prices of a day will not change any more."""
    return day + SETTLED_AFTER <= now
