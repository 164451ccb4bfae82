"""What every dataset writer keeps to."""

import asyncio

import pytest

from application.ports.dataset_writer import DatasetWriter
from domain.expectations import QuarantinedRecord
from domain.runs import RowCounts
from tests.fakes.sample_source import FETCHED_AT, SAMPLE
from tests.support.sample_runs import item_rows, sample_run, seal_items


class DatasetWriterContract:
    """Subclasses give `writer`."""

    @pytest.fixture
    def writer(self) -> DatasetWriter:
        raise NotImplementedError

    def test_sealing_tells_what_is_to_be_published(self, writer: DatasetWriter) -> None:
        """Every table of the source, with its rows, under the run and the target."""
        sealed = asyncio.run(seal_items(writer, sample_run(), item_rows(5), details=5))

        assert sealed.publication.run_id == "RUN1"
        assert sealed.publication.target == "things"
        assert {
            name: table.datasets["things"].rows for name, table in sealed.publication.tables.items()
        } == {"test.items": 5, "test.details": 10}
        assert sealed.tables["test.items"] == RowCounts(5, 5)

    def test_of_equal_keys_one_row_is_published_and_the_rest_are_counted(
        self, writer: DatasetWriter
    ) -> None:
        """Across batches and within one."""
        old, new = item_rows(4, "ok"), item_rows(6, "unreachable")
        sealed = asyncio.run(seal_items(writer, sample_run(), [*old, old[0]], new))

        assert sealed.tables["test.items"] == RowCounts(11, 6, 0, 5)

    def test_empty_tables_are_published_too(self, writer: DatasetWriter) -> None:
        """A target without items has tables without rows."""
        sealed = asyncio.run(seal_items(writer, sample_run()))

        assert sealed.tables == {"test.items": RowCounts(), "test.details": RowCounts()}

    def test_quarantined_records_are_counted_and_not_published(self, writer: DatasetWriter) -> None:
        """Fetched = published + quarantined + deduplicated."""

        async def staged() -> RowCounts:
            async with writer.open(sample_run(), SAMPLE) as staging:
                staging.append("items", item_rows(3), FETCHED_AT)
                staging.append("items", [(None, "x", "ok"), ("y", "y", "odd")], FETCHED_AT)
                refused = QuarantinedRecord("type", "a year of 1.5", ("z", "z", "ok"))
                staging.quarantine("items", [refused], FETCHED_AT)
                return (await staging.seal()).tables["test.items"]

        counts = asyncio.run(staged())
        assert counts == RowCounts(6, 3, 3, 0)
        assert counts.balanced

    def test_leaving_without_sealing_publishes_nothing(self, writer: DatasetWriter) -> None:
        """An error passes through, and the same run can be staged again."""

        async def left() -> None:
            async with writer.open(sample_run(), SAMPLE) as staging:
                staging.append("items", item_rows(3), FETCHED_AT)
                message = "stopped"
                raise RuntimeError(message)

        with pytest.raises(RuntimeError, match="stopped"):
            asyncio.run(left())
        sealed = asyncio.run(seal_items(writer, sample_run(), item_rows(2)))
        assert sealed.tables["test.items"].published == 2

    def test_a_run_is_abandoned_neither_while_it_goes_on_nor_after_its_end(
        self, writer: DatasetWriter
    ) -> None:
        """Nor is one that nobody has heard of."""

        async def seen() -> list[bool]:
            async with writer.open(sample_run(), SAMPLE) as staging:
                during = await writer.is_abandoned(sample_run().run_id)
                await staging.seal()
            return [during, *[await writer.is_abandoned(r) for r in (sample_run().run_id, "X")]]

        assert asyncio.run(seen()) == [False, False, False]

    def test_sweeping_an_orderly_folder_finds_nothing(self, writer: DatasetWriter) -> None:
        """Sealed or left, a run cleans up after itself."""
        asyncio.run(seal_items(writer, sample_run(), item_rows(2)))

        assert not asyncio.run(writer.sweep())
