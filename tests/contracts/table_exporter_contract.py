"""What every table exporter keeps to."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from application.ports.query_engine import Column, QueryResult
from application.ports.table_exporter import OutgoingTable, TableExporter
from domain.errors import QueryError
from domain.schema import Field, Kind, ListOf, Schema, StructOf

SCHEMA = Schema(
    (
        Field("id", Kind.STRING, "its name"),
        Field("count", Kind.INTEGER, "it's a number"),
        Field("share", Kind.NUMBER),
        Field("is_good", Kind.BOOLEAN),
        Field("at", Kind.TIMESTAMP),
        Field("day", Kind.DATE),
        Field("labels", ListOf(Kind.STRING)),
        Field(
            "parts",
            ListOf(StructOf((Field("name", Kind.STRING), Field("at", Kind.TIMESTAMP)))),
        ),
    )
)
_PART = pa.struct([("name", pa.string()), ("at", pa.timestamp("us", "UTC"))])
_COLUMNS: list[tuple[str, pa.DataType]] = [
    ("id", pa.string()),
    ("count", pa.int64()),
    ("share", pa.float64()),
    ("is_good", pa.bool_()),
    ("at", pa.timestamp("us", "UTC")),
    ("day", pa.date32()),
    ("labels", pa.list_(pa.string())),
    ("parts", pa.list_(_PART)),
]
_ARROW = pa.schema(_COLUMNS)
AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ODD = "a,\"b\"\n\\.\n'c'\t\\N é 🎉"
ROWS: tuple[tuple[Any, ...], ...] = (
    ("one", 2**63 - 1, 0.1, True, AT, date(2026, 1, 2), ["x", "", None], [{"name": "n", "at": AT}]),
    ("", -(2**63), 1e300, False, AT, date(1, 1, 1), [], []),
    (ODD, 0, -0.5, None, None, None, [ODD, "{}", "NULL"], None),
    (None,) * 8,
)


class SampleResult(QueryResult):
    """Rows in memory, in two batches; may fail after the first one."""

    def __init__(self, rows: Sequence[tuple[Any, ...]], *, fails: bool = False) -> None:
        self._rows = rows
        self._fails = fails

    @property
    def columns(self) -> Sequence[Column]:
        return [Column(name, "") for name in SCHEMA.names]

    @property
    def arrow_schema(self) -> Any:
        return _ARROW

    def batches(self) -> Iterator[Any]:
        for part in (self._rows[:2], self._rows[2:]):
            if part:
                values = zip(*part, strict=True)
                columns = [pa.array(*each) for each in zip(values, _ARROW.types, strict=True)]
                yield pa.RecordBatch.from_arrays(columns, schema=_ARROW)
            if self._fails:
                message = "the rows end here"
                raise QueryError(message)


def outgoing(
    name: str = "test.items",
    rows: Sequence[tuple[Any, ...]] = ROWS,
    *,
    fails: bool = False,
) -> OutgoingTable:
    """A table with all types."""

    @contextmanager
    def opened() -> Iterator[QueryResult]:
        yield SampleResult(rows, fails=fails)

    def give() -> AbstractContextManager[QueryResult]:
        return opened()

    return OutgoingTable(name, SCHEMA, "One row an item.", 7, give)


class TableExporterContract:
    """Subclasses give `exporter`, which may replace what is there, and read back."""

    @pytest.fixture
    def exporter(self) -> TableExporter:
        raise NotImplementedError

    def stored(self, name: str) -> list[tuple[Any, ...]] | None:
        """Rows of a table at the destination, in their order; None where there is none."""
        raise NotImplementedError

    def test_all_values_arrive_as_they_are(self, exporter: TableExporter) -> None:
        """NULL, the empty text, extremes, and everything that looks like syntax."""
        (exported,) = exporter.export([outgoing()])

        assert (exported.name, exported.rows, exported.notes) == ("test.items", 4, ())
        assert self.stored("test.items") == list(ROWS)

    def test_doing_it_again_gives_the_same(self, exporter: TableExporter) -> None:
        """And fewer rows replace more."""
        exporter.export([outgoing()])
        exporter.export([outgoing()])
        assert self.stored("test.items") == list(ROWS)

        exporter.export([outgoing(rows=ROWS[:1])])
        assert self.stored("test.items") == list(ROWS[:1])

    def test_several_tables_arrive_together(self, exporter: TableExporter) -> None:
        """An empty one too."""
        exported = exporter.export([outgoing("test.one"), outgoing("other.two", ())])

        assert [(each.name, each.rows) for each in exported] == [("test.one", 4), ("other.two", 0)]
        assert self.stored("test.one") == list(ROWS)
        assert self.stored("other.two") == []

    def test_all_or_nothing(self, exporter: TableExporter) -> None:
        """When rows fail midway, what was there is there."""
        exporter.export([outgoing("test.one", ROWS[:1])])
        with pytest.raises(QueryError, match="the rows end here"):
            exporter.export([outgoing("test.one"), outgoing("test.two", fails=True)])

        assert self.stored("test.one") == list(ROWS[:1])
        assert self.stored("test.two") is None
