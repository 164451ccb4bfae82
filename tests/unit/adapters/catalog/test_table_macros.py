"""Derived tables, each against a case that was worked out by hand."""

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.catalog.macros.table_macros import (
    named_macros,
    table_macros,
    tables_read_by_macros,
)
from adapters.sources.candles import tables as candle_tables
from adapters.sources.nft import tables as nft_tables
from adapters.sources.weather import tables as weather_tables
from domain.sql_names import quoted, sql_type
from domain.tables import TableSpec

type Rows = list[tuple[Any, ...]]
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def _specs() -> Iterator[tuple[str, TableSpec]]:
    for module, schemas in (
        (candle_tables, ("crypto", "stocks")),
        (nft_tables, ("nft",)),
        (weather_tables, ("weather",)),
    ):
        for spec in vars(module).values():
            if isinstance(spec, TableSpec):
                yield from ((f"{schema}.{spec.name}", spec) for schema in schemas)


@pytest.fixture
def tables() -> Iterator["Tables"]:
    with duckdb.connect(":memory:") as connection:
        connection.execute("set TimeZone = 'America/New_York'")  # macros do not depend on it
        made = Tables(connection)
        for name, spec in _specs():
            made.create(name, spec)
        for macro in table_macros().values():
            connection.execute(macro.sql)
        yield made


class Tables:
    """Empty tables of the sources, to be filled, and the macros over them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def create(self, name: str, spec: TableSpec) -> None:
        columns = ", ".join(f"{quoted(f.name)} {sql_type(f.type)}" for f in spec.schema.fields)
        self._connection.execute(f"create schema if not exists {name.partition('.')[0]}")
        self._connection.execute(f"create table if not exists {name} ({columns})")

    def add(self, name: str, columns: str, rows: Sequence[tuple[Any, ...]]) -> None:
        marks = ", ".join("?" * len(columns.split(",")))
        if rows:
            self._connection.executemany(f"insert into {name} ({columns}) values ({marks})", rows)

    def add_items(self, items: dict[str, dict[str, str]], collection: str = "c") -> None:
        """NFTs by identifier, with their traits."""
        self.add(
            "nft.nfts",
            "collection, contract, identifier, name, metadata_status, trait_count",
            [(collection, "0x", name, name, "ok", len(traits)) for name, traits in items.items()],
        )
        self.add(
            "nft.traits",
            "collection, contract, identifier, position, trait_type, value",
            [
                (collection, "0x", name, position, *trait)
                for name, traits in items.items()
                for position, trait in enumerate(traits.items())
            ],
        )

    def add_candles(
        self, hours: Sequence[float], *, domain: str = "crypto", symbol: str = "BTC", **last: Any
    ) -> None:
        """Hourly candles from noon on; prices 100, 101, … and 10 trades each."""
        for hour in hours:
            final = last.get("is_final", True) or hour != hours[-1]
            price = 100 + hour
            self.add(
                f"{domain}.candles",
                "source, symbol, interval, open_time, open, high, low, close, volume, trades, "
                "is_final",
                [
                    (
                        *("s", symbol, "1h", NOON + timedelta(hours=hour)),
                        *(price, price + 2, price - 1, price + 1, 5.0, last.get("trades", 10)),
                        final,
                    )
                ],
            )

    def rows(self, sql: str) -> Rows:
        found = self._connection.execute(sql).fetchall()
        return [
            tuple(v.astimezone(UTC) if isinstance(v, datetime) else v for v in row) for row in found
        ]


def _about(*numbers: float | None) -> Any:
    return pytest.approx(numbers, rel=1e-12)


FOUR: dict[str, dict[str, str]] = {
    "a": {"hat": "cap", "eyes": "blue"},
    "b": {"hat": "cap", "eyes": "red"},
    "c": {"hat": "crown"},
    "d": {" Hat": "CAP ", "Eyes": "Blue"},
}


def test_rarity_is_that_of_openrarity(tables: Tables) -> None:
    """Shares: cap 3/4, crown 1/4; blue 2/4, red 1/4, no eyes 1/4; two traits 3/4, one 1/4."""
    tables.add_items(FOUR)
    common = -math.log2(0.75)
    entropy = 2 * (0.75 * common + 0.25 * 2) + (0.5 * 1 + 0.25 * 2 + 0.25 * 2)
    contents = {"a": 1 + 2 * common, "b": 2 + 2 * common, "c": 6.0, "d": 1 + 2 * common}
    found = tables.rows(
        "select identifier, rank, trait_count, information_content, score "
        "from nft.rarity('c') order by rank, identifier"
    )

    assert [row[:3] for row in found] == [("c", 1, 1), ("b", 2, 2), ("a", 3, 2), ("d", 3, 2)]
    for name, _, _, content, score in found:
        assert (content, score) == _about(contents[name], contents[name] / entropy)


def test_what_is_not_known_has_no_rank(tables: Tables) -> None:
    """An NFT whose metadata is out of reach is not rare for that, nor does it make others so."""
    tables.add_items(FOUR)
    before = tables.rows("select identifier, rank, score from nft.rarity() order by identifier")
    tables.add(
        "nft.nfts",
        "collection, contract, identifier, metadata_status, trait_count",
        [("c", "0x", "e", "none", 0), ("c", "0x", "f", "invalid", None)],
    )
    after = tables.rows("select identifier, rank, score from nft.rarity() order by identifier")

    assert [row[:2] for row in after] == [*(r[:2] for r in before), ("e", None), ("f", None)]
    assert [row[2] for row in after[:4]] == pytest.approx([row[2] for row in before])


def test_of_two_values_of_a_trait_the_last_one_counts(tables: Tables) -> None:
    """`none` is a value, but no trait that is counted."""
    tables.add_items({"a": {"hat": "cap", "HAT ": "crown", "eyes": "none"}, "b": {"hat": "crown"}})
    found = tables.rows("select identifier, trait_count, score, rank from nft.rarity('c')")

    assert sorted(found) == [("a", 1, 1.0, 1), ("b", 1, 1.0, 1)]


def test_equal_items_are_equally_rare(tables: Tables) -> None:
    """Without any difference the entropy is 0; a collection of one item is such a case."""
    tables.add_items({"a": {"hat": "cap"}})

    assert tables.rows("select rank, score from nft.rarity('c')") == [(1, 0.0)]
    assert tables.rows("from nft.rarity('other')") == []


_ITEM = st.dictionaries(st.sampled_from("pqr"), st.sampled_from("xyz"), max_size=3)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(items=st.lists(_ITEM, min_size=2, max_size=8))
def test_the_mean_score_of_a_collection_is_one(tables: Tables, items: list[dict[str, str]]) -> None:
    """Entropy is the expected information content; without entropy all scores are 0."""
    for table in ("nfts", "traits"):
        tables.rows(f"delete from nft.{table}")
    tables.add_items({str(number): item for number, item in enumerate(items)})
    ((mean, most, count),) = tables.rows(
        "select avg(score), max(rank), count(rank) from nft.rarity('c')"
    )

    assert mean == pytest.approx(1 if any(each != items[0] for each in items) else 0)
    assert count == len(items)
    assert most <= len(items)


def test_rarity_keeps_collections_apart(tables: Tables) -> None:
    """All of them at once give what each gives alone."""
    tables.add_items(FOUR)
    tables.add_items({"x": {"hat": "cap"}, "y": {"hat": "cap", "eyes": "red"}}, "other")
    columns = "collection, identifier, rank, round(score, 12)"
    alone = [
        row
        for each in ("c", "other")
        for row in tables.rows(f"select {columns} from nft.rarity('{each}')")
    ]

    assert sorted(tables.rows(f"select {columns} from nft.rarity()")) == sorted(alone)


def test_trait_values_are_counted_as_sent(tables: Tables) -> None:
    """Three of four have a hat `cap` only when spelling does not count."""
    tables.add_items(FOUR)
    found = tables.rows("from nft.trait_values('c')")

    assert ("c", "hat", "cap", 2, 0.5, 1.0) in found
    assert ("c", " Hat", "CAP ", 1, 0.25, 2.0) in found
    assert [row[3] for row in found] == sorted(row[3] for row in found)


def test_overview(tables: Tables) -> None:
    """Four items with seven traits, and one without metadata."""
    tables.add_items(FOUR)
    tables.add("nft.nfts", "collection, contract, identifier, metadata_status, trait_count",
               [("c", "0x", "e", "none", 0), ("empty", "0x", "f", None, 0)])  # fmt: skip
    whole, empty = tables.rows("from nft.overview()")

    assert whole[:8] == ("c", 5, 4, 1, 0.2, 4, 6, 1.4)
    assert whole[8][0] == {"trait_type": "hat", "value": "cap", "items": 2, "share": 0.4}
    assert len(whole[8]) == 6
    assert empty == ("empty", 1, 0, 0, 0.0, 0, 0, 0.0, None)


def test_candles_of_a_longer_interval(tables: Tables) -> None:
    """Twelve hours of one day, and two of the next, which is not over."""
    tables.add_candles(range(14))
    first, second = tables.rows("from crypto.resampled('BTC', '1h', '1 day')")
    day = datetime(2026, 1, 1, tzinfo=UTC)

    assert first == ("s", "BTC", day, 100.0, 113.0, 99.0, 112.0, 60.0, 120, 12, True)
    assert second[2:] == (
        *(day + timedelta(days=1), 112.0, 115.0, 111.0, 114.0, 10.0, 20, 2, False),
    )


def test_a_bucket_is_final_when_all_its_parts_are(tables: Tables) -> None:
    """And trades are null when one part does not tell."""
    tables.add_candles([0, 1, 2, 3], is_final=False)
    tables.add_candles([0, 1], symbol="ETH", trades=None)
    sql = "select symbol, is_final, trades from crypto.resampled({}, '1h', '2 hours')"

    assert tables.rows(sql.format("'BTC'")) == [("BTC", True, 20), ("BTC", False, 20)]
    assert tables.rows(sql.format("null"))[2:] == [("ETH", True, None)]


def test_weeks_begin_on_mondays_and_months_on_their_first(tables: Tables) -> None:
    """In UTC, whatever the session's time zone; 1 January 2026 is a Thursday."""
    tables.add_candles([0, 24 * 4])
    for width, begins in (("1 week", [(2025, 12, 29), (2026, 1, 5)]), ("1 month", [(2026, 1, 1)])):
        found = tables.rows(f"select open_time from crypto.resampled('BTC', '1h', '{width}')")
        assert found == [(datetime(*each, tzinfo=UTC),) for each in begins]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("resampled('BTC', '1h', '5 minutes')", "shorter than the candles"),
        ("resampled('BTC', 'hourly', '1 day')", "is no interval"),
        ("gaps('BTC', '1x')", "is no interval"),
        ("moving_averages('BTC', '1h', 0)", "1 or more"),
    ],
)
def test_arguments_that_make_no_sense(tables: Tables, call: str, words: str) -> None:
    """An error that says so."""
    tables.add_candles([0, 1])
    with pytest.raises(duckdb.Error, match=words):
        tables.rows(f"from crypto.{call}")


def test_returns(tables: Tables) -> None:
    """From 101 to 102, and over a gap to 105; none from a price of nothing."""
    tables.add_candles([0, 1, 4])
    tables.add_candles([-101, 0], symbol="ZERO")
    found = tables.rows("select close, previous_close, simple_return, log_return "
                        "from crypto.returns('BTC', '1h')")  # fmt: skip

    assert found[0] == (101.0, None, None, None)
    assert found[1] == _about(102, 101, 102 / 101 - 1, math.log(102 / 101))
    assert found[2] == _about(105, 102, 105 / 102 - 1, math.log(105 / 102))
    (_, last) = tables.rows("select simple_return, log_return from crypto.returns('ZERO', '1h')")
    assert last == (None, None)


def test_moving_averages(tables: Tables) -> None:
    """Closes 101, 102, 103, 104 with length 3: the weight of the newest is a half."""
    tables.add_candles(range(4))
    found = tables.rows("select simple, exponential from crypto.moving_averages('BTC', '1h', 3)")

    assert found[0] == (None, 101.0)
    assert found[1] == (None, 101.5)
    assert found[2:] == [_about(102, 102.25), _about(103, 103.125)]
    alone = tables.rows("select simple, exponential from crypto.moving_averages('BTC', '1h', 1)")
    assert alone == [(close, close) for close in (101.0, 102.0, 103.0, 104.0)]


@pytest.mark.parametrize("length", [2, 5, 40])
def test_the_exponential_average_is_the_recursion(tables: Tables, length: int) -> None:
    """Over many blocks, to the last digits of a double."""
    tables.rows(
        "insert into crypto.candles (source, symbol, interval, open_time, close) "
        "select 's', 'L', '1m', timestamptz '2026-01-01 00:00:00+00' + to_minutes(i::int), "
        "50 + 100 * (hash(i) % 1000) / 1000 from range(5000) t(i)"
    )
    found = tables.rows(
        f"select close, exponential from crypto.moving_averages('L', '1m', {length})"
    )
    weight, expected = 2 / (length + 1), found[0][0]
    for close, exponential in found[1:]:
        expected = weight * close + (1 - weight) * expected
        assert exponential == pytest.approx(expected, rel=1e-13)


def test_gaps(tables: Tables) -> None:
    """Hours 2 and 3, and 6, are missing; months are as long as they are."""
    tables.add_candles([0, 1, 4, 5, 7], domain="stocks")
    at = [NOON + timedelta(hours=hour) for hour in range(8)]
    tables.add(
        "stocks.candles",
        "source, symbol, interval, open_time",
        [("s", "M", "1M", datetime(2026, month, 1, tzinfo=UTC)) for month in (1, 2, 5)],
    )

    assert tables.rows("from stocks.gaps('BTC', '1h')") == [
        ("s", "BTC", at[2], at[4], 2),
        ("s", "BTC", at[6], at[7], 1),
    ]
    ((_, _, begin, end, missing),) = tables.rows("from stocks.gaps(null, '1M')")
    assert (begin.month, end.month, missing) == (3, 5, 2)


def test_days_are_those_of_the_place(tables: Tables) -> None:
    """In Berlin 29 March 2026 has 23 hours, from 23:00 to 22:00 UTC."""
    tables.add("weather.places", "place, timezone", [("Berlin", "Europe/Berlin")])
    begin = datetime(2026, 3, 28, 23, tzinfo=UTC)
    rows: Rows = [
        ("Berlin", begin + timedelta(hours=hour), "observed", float(hour), 0.5 * (hour < 2), 100.0)
        for hour in range(23)
    ]
    rows.append(("Berlin", begin + timedelta(hours=23), "forecast", 50.0, None, None))
    tables.add(
        "weather.hourly",
        "place, time, kind, temperature_2m, precipitation, shortwave_radiation",
        rows,
    )
    found = tables.rows(
        "select date, kind, hours, is_complete, temperature_2m_min, temperature_2m_max, "
        "temperature_2m_mean, precipitation_sum, precipitation_hours, shortwave_radiation_sum "
        "from weather.daily_from_hourly('Berlin')"
    )

    assert found[0][:9] == (date(2026, 3, 29), "observed", 23, True, 0.0, 22.0, 11.0, 1.0, 2)
    assert found[0][9] == pytest.approx(23 * 0.36)
    assert found[1] == (date(2026, 3, 30), "forecast", 1, False, 50.0, 50.0, 50.0, *[None] * 3)


def test_a_place_without_a_time_zone_has_days_of_utc(tables: Tables) -> None:
    """Whatever the session's is."""
    tables.add("weather.hourly", "place, time", [("x", datetime(2026, 1, 1, hour, tzinfo=UTC))
                                                 for hour in range(24)])  # fmt: skip
    found = tables.rows("select date, hours, is_complete from weather.daily_from_hourly()")

    assert found == [(date(2026, 1, 1), 24, True)]


def test_degree_days(tables: Tables) -> None:
    """A mean of 5 °C is 13 below 18; one of 25 is 7 above, and 3 above 22."""
    tables.add(
        "weather.daily",
        "place, date, kind, temperature_2m_min, temperature_2m_max",
        [
            ("x", date(2026, 1, 1), "observed", 0, 10),
            ("x", date(2026, 7, 1), "observed", 20, 30),
            ("x", date(2026, 7, 2), "observed", None, 30),
        ],
    )
    sql = "select mean, heating, cooling from weather.degree_days({})"

    assert tables.rows(sql.format("'x'")) == [(5.0, 13.0, 0.0), (25.0, 0.0, 7.0), (None,) * 3]
    assert tables.rows(sql.format("heating_base := 15.5, cooling_base := 22"))[:2] == [
        (5.0, 10.5, 0.0),
        (25.0, 0.0, 3.0),
    ]


def test_anomaly_against_other_years(tables: Tables) -> None:
    """Other years than its own; a forecast is compared, but nothing is compared with it."""
    tables.add(
        "weather.daily",
        "place, date, kind, temperature_2m_mean, precipitation_sum",
        [
            ("x", date(2023, 5, 1), "observed", 10, 4),
            ("x", date(2024, 5, 1), "observed", 14, None),
            ("x", date(2025, 5, 1), "observed", 18, 0),
            ("x", date(2026, 5, 1), "forecast", 20, 1),
            ("x", date(2026, 5, 2), "observed", 20, 1),
            ("y", date(2023, 5, 1), "observed", 0, 0),
        ],
    )
    found = tables.rows(
        "select years, normal_temperature, temperature_anomaly, normal_precipitation, "
        "precipitation_anomaly from weather.anomaly('x')"
    )

    assert found == [
        (2, 16.0, -6.0, 0.0, 4.0),
        (2, 14.0, 0.0, 2.0, None),
        (2, 12.0, 6.0, 4.0, -4.0),
        (3, 14.0, 6.0, 2.0, -1.0),
        (0, None, None, None, None),
    ]


def test_every_macro_says_what_it_is() -> None:
    """Its header is what `docs/macros.md` and other programs are told."""
    for name, macro in table_macros().items():
        assert macro.name == name
        assert macro.signature.startswith(f"{name}(")
        assert macro.meaning.endswith(".")
        assert "--" not in macro.sql
        for reference in macro.reads:
            assert reference in macro.sql
    assert tables_read_by_macros()["nft.rarity"] == ("nft.nfts", "nft.traits")


def test_names_are_found_as_people_write_them() -> None:
    """Qualified, short, in any case; a short name may mean two."""
    assert [each.name for each in named_macros(["NFT.Rarity"])] == ["nft.rarity"]
    assert [each.name for each in named_macros(["resampled", "nfts"])] == [
        "crypto.resampled",
        "stocks.resampled",
    ]
