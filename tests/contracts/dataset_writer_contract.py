"""What every dataset writer keeps to."""

import asyncio
from dataclasses import replace

import pytest

from application.ports.dataset_writer import DatasetWriter, SealedRun
from domain.expectations import QuarantinedRecord
from domain.manifest import Dataset, Manifest, Publication, next_manifest, says_the_same
from domain.runs import RowCounts
from domain.schema import Schema
from tests.fakes.sample_source import FETCHED_AT, SAMPLE
from tests.support.sample_runs import item_rows, sample_run, seal_items


def published_items(writer: DatasetWriter, count: int) -> Manifest:
    """The version that a run with so many items makes."""
    sealed = asyncio.run(seal_items(writer, sample_run("RUN1"), item_rows(count)))
    return next_manifest(Manifest(), [sealed.publication], FETCHED_AT)


def datasets_of(publication: Publication) -> list[Dataset]:
    """One a table."""
    return [table.datasets[publication.target] for table in publication.tables.values()]


def without_files(publication: Publication) -> Publication:
    """The same, before it is written."""
    tables = {
        name: replace(
            table,
            datasets={
                target: replace(dataset, files=()) for target, dataset in table.datasets.items()
            },
        )
        for name, table in publication.tables.items()
    }
    return replace(publication, tables=tables)


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

    def test_rows_that_a_version_has_already_are_not_written(self, writer: DatasetWriter) -> None:
        """They are counted and digested all the same; a row that is new has all tables written."""
        published = published_items(writer, 5)

        async def again(count: int) -> SealedRun:
            async with writer.open(sample_run("RUN2"), SAMPLE) as staging:
                staging.append("items", [*item_rows(count), *item_rows(1)], FETCHED_AT)
                return await staging.seal(published)

        same, more = asyncio.run(again(5)), asyncio.run(again(6))

        assert not same.is_written
        assert says_the_same(published, same.publication)
        assert same.tables == {"test.items": RowCounts(6, 5, 0, 1), "test.details": RowCounts()}
        assert not [file for dataset in datasets_of(same.publication) for file in dataset.files]
        assert more.is_written
        assert not says_the_same(published, more.publication)
        assert [len(dataset.files) for dataset in datasets_of(more.publication)] == [1, 1]

    def test_what_was_left_unwritten_can_be_written_later(self, writer: DatasetWriter) -> None:
        """With files of the run's own."""
        published = published_items(writer, 5)

        async def late() -> tuple[SealedRun, Publication]:
            async with writer.open(sample_run("RUN2"), SAMPLE) as staging:
                staging.append("items", item_rows(5), FETCHED_AT)
                return await staging.seal(published), await staging.write()

        sealed, written = asyncio.run(late())

        assert not sealed.is_written
        assert [dataset.rows for dataset in datasets_of(written)] == [5, 0]
        assert all("RUN2" in f.path for dataset in datasets_of(written) for f in dataset.files)
        assert without_files(written) == sealed.publication

    def test_other_columns_are_news(self, writer: DatasetWriter) -> None:
        """Even where their values are those of the version."""
        published = published_items(writer, 5)
        items = published.tables["test.items"]
        narrow = replace(items, schema=Schema(items.schema.fields[1:]))
        before = replace(published, tables={**published.tables, "test.items": narrow})

        async def again() -> SealedRun:
            async with writer.open(sample_run("RUN2"), SAMPLE) as staging:
                staging.append("items", item_rows(5), FETCHED_AT)
                return await staging.seal(before)

        assert asyncio.run(again()).is_written

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
