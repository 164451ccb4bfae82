"""What every result writer keeps to."""

import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pytest

from application.ports.query_engine import Column, QueryResult
from application.ports.result_writer import Layout, ResultWriter, Written
from domain.errors import UsageError

FORMATS = (
    "table", "csv", "tsv", "json", "ndjson", "markdown", "line", "parquet", "arrow", "arrow-file"
)  # fmt: skip


class CountedResult(QueryResult):
    """Numbers in batches of 100; counts how many batches were asked for."""

    def __init__(self, batches: int) -> None:
        self._batches = batches
        self.asked = 0

    @property
    def columns(self) -> Sequence[Column]:
        return [Column("n", "BIGINT")]

    @property
    def arrow_schema(self) -> Any:
        return pa.schema([("n", pa.int64())])

    def batches(self) -> Iterator[Any]:
        for number in range(self._batches):
            self.asked += 1
            numbers = pa.array(range(number * 100, number * 100 + 100))
            yield pa.record_batch([numbers], schema=self.arrow_schema)


class Sink(io.RawIOBase):
    """Knows how many batches were read when the first byte of them came."""

    def __init__(self, result: CountedResult) -> None:
        self._result = result
        self.first: int | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self.first is None and self._result.asked:
            self.first = self._result.asked
        return len(data)


class ResultWriterContract:
    """Subclasses give `writer`."""

    @pytest.fixture
    def writer(self) -> ResultWriter:
        raise NotImplementedError

    @pytest.mark.parametrize("style", FORMATS)
    @pytest.mark.parametrize(
        ("limit", "written"),
        [
            (None, Written(300, truncated=False)),
            (300, Written(300, truncated=False)),
            (299, Written(299, truncated=True)),
            (100, Written(100, truncated=True)),
            (0, Written(0, truncated=True)),
        ],
    )
    def test_rows_and_truncation_are_told(
        self, writer: ResultWriter, style: str, limit: int | None, written: Written
    ) -> None:
        """In every format alike."""
        sink = io.BytesIO()
        assert writer.write(CountedResult(3), Layout(style, limit=limit), sink) == written

    @pytest.mark.parametrize(
        "style", [each for each in FORMATS if each not in {"table", "parquet"}]
    )
    def test_rows_are_written_as_they_come(self, writer: ResultWriter, style: str) -> None:
        """Memory does not grow with the result; a few batches may be worked on at once."""
        result = CountedResult(50)
        sink = Sink(result)
        writer.write(result, Layout(style), cast(BinaryIO, sink))

        assert sink.first is not None
        assert sink.first <= 10
        assert result.asked == 50

    @pytest.mark.parametrize("style", ["xml", "", "CSV ", "../csv"])
    def test_an_unknown_format_is_a_usage_error(self, writer: ResultWriter, style: str) -> None:
        """Which names the known ones, and asks the result for nothing."""
        result = CountedResult(1)
        with pytest.raises(UsageError, match=r"csv.*parquet"):
            writer.write(result, Layout(style), io.BytesIO())
        assert result.asked == 0
