"""The table of the crypto domain."""

from domain.expectations import Expectation
from domain.schema import Field, Kind, Schema
from domain.tables import TableSpec, WriteMode

CANDLE_FIELDS = (
    Field("source", Kind.STRING, "who published the candle (`binance`)"),
    Field("symbol", Kind.STRING, "what is traded, as the source spells it"),
    Field("interval", Kind.STRING, "length of a candle (`1h`; `1m` a minute, `1M` a month)"),
    Field("open_time", Kind.TIMESTAMP, "when the interval began"),
    Field("open", Kind.NUMBER, "price of the first trade, in the quote currency"),
    Field("high", Kind.NUMBER, "highest price"),
    Field("low", Kind.NUMBER, "lowest price"),
    Field("close", Kind.NUMBER, "price of the last trade"),
    Field("volume", Kind.NUMBER, "amount traded, in units of what is traded"),
    Field("trades", Kind.INTEGER, "number of trades; null where the source does not tell"),
    Field("is_final", Kind.BOOLEAN, "false while the interval went on when it was asked for"),
)

CANDLE_KEY = ("source", "symbol", "interval", "open_time")

CANDLES = TableSpec(
    "candles",
    Schema(CANDLE_FIELDS),
    key=CANDLE_KEY,
    mode=WriteMode.MERGE,
    meaning="One row a candle: the prices of one interval.",
)

EXPECTATIONS = (
    Expectation("candles", not_null=("open", "high", "low", "close", "volume", "is_final")),
)
