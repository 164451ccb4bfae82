"""What every manifest log keeps to."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from application.ports.manifest_log import ManifestLog
from domain.errors import StorageError
from domain.manifest import DataFile, Dataset, Manifest, Publication, TableVersion
from tests.fakes.sample_source import ITEMS

AT = datetime(2026, 1, 2, 3, tzinfo=UTC)


def publication(run_id: str, target: str = "things", rows: int = 1) -> Publication:
    """A new data set of `test.items`."""
    file = DataFile(f"lake/test/items/target={target}/run={run_id}/part.parquet", rows, 10, "00")
    dataset = Dataset(run_id, "sample", AT, (file,))
    table = TableVersion(ITEMS.schema, ITEMS.key, ITEMS.meaning, {target: dataset})
    return Publication(run_id, target, {"test.items": table})


class ManifestLogContract:
    """Subclasses give `log`."""

    @pytest.fixture
    def log(self) -> ManifestLog:
        raise NotImplementedError

    def test_an_empty_log_is_at_version_0(self, log: ManifestLog) -> None:
        """Nothing is published."""
        manifest = asyncio.run(log.latest())

        assert (manifest.version, dict(manifest.tables)) == (0, {})

    def test_versions_count_up_and_keep_other_targets(self, log: ManifestLog) -> None:
        """A commit replaces its own target and nothing else."""

        async def story() -> None:
            await log.commit(publication("A", "one"), AT)
            await log.commit(publication("B", "two"), AT)
            await log.commit(publication("C", "one", rows=7), AT)

        asyncio.run(story())
        manifest = asyncio.run(log.latest())

        assert manifest.version == 3
        datasets = manifest.tables["test.items"].datasets
        assert {name: each.run_id for name, each in datasets.items()} == {"one": "C", "two": "B"}
        assert datasets["one"].rows == 7

    def test_committing_a_run_again_changes_nothing(self, log: ManifestLog) -> None:
        """The version that already has it is returned."""
        first = asyncio.run(log.commit(publication("A"), AT))
        again = asyncio.run(log.commit(publication("A"), AT))

        assert (first.version, again.version) == (1, 1)

    def test_a_late_repeat_does_not_take_the_target_back(self, log: ManifestLog) -> None:
        """Another run has replaced it, or another target was published, since."""

        async def story() -> list[int]:
            versions = []
            for run, target in (("A", "one"), ("B", "one"), ("C", "two"), ("A", "one")):
                versions.append((await log.commit(publication(run, target), AT)).version)
            return versions

        assert asyncio.run(story()) == [1, 2, 3, 1]
        latest = asyncio.run(log.latest())
        assert (latest.version, latest.tables["test.items"].datasets["one"].run_id) == (3, "B")

    def test_several_runs_are_committed_together(self, log: ManifestLog) -> None:
        """One version, which is each of theirs; again, it stays so."""

        async def story() -> list[list[int]]:
            await log.commit(publication("A", "one"), AT)
            both = [publication("B", "two"), publication("C", "three")]
            outcomes = [await log.commit_all(both, AT) for _ in range(2)]
            return [
                [each.version for each in found if isinstance(each, Manifest)] for found in outcomes
            ] + [[await log.version_of(name) or 0 for name in "ABC"]]

        assert asyncio.run(story()) == [[2, 2], [2, 2], [1, 2, 2]]
        latest = asyncio.run(log.latest())
        assert sorted(latest.tables["test.items"].datasets) == ["one", "three", "two"]

    def test_a_run_that_comes_too_late_is_left_out(self, log: ManifestLog) -> None:
        """The others are committed; alone it is an error."""
        late = replace(publication("L", "one"), built_on={"test.items": ""})

        async def story() -> tuple[object, object]:
            await log.commit(publication("A", "one"), AT)
            refused, made = await log.commit_all([late, publication("B", "two")], AT)
            with pytest.raises(StorageError, match="Another run has changed"):
                await log.commit(late, AT)
            return refused, made

        refused, made = asyncio.run(story())
        assert isinstance(refused, StorageError)
        assert isinstance(made, Manifest)
        assert (made.version, made.runs) == (2, ("B",))
        assert asyncio.run(log.version_of("L")) is None

    def test_of_several_runs_some_may_be_committed_already(self, log: ManifestLog) -> None:
        """As after a commit whose answer was lost: the rest makes a version of its own."""

        async def story() -> list[int]:
            first = await log.commit(publication("A", "one"), AT)
            both = [publication("A", "one"), publication("B", "two")]
            found = await log.commit_all(both, AT)
            return [first.version] + [each.version for each in found if isinstance(each, Manifest)]

        assert asyncio.run(story()) == [1, 1, 2]

    def test_a_run_stays_committed_when_a_later_one_replaces_it(self, log: ManifestLog) -> None:
        """Its version is history, and its files belong to it."""

        async def story() -> list[int | None]:
            await log.commit(publication("A"), AT)
            await log.commit(publication("B"), AT)
            return [await log.version_of(name) for name in ("A", "B", "C", "")]

        assert asyncio.run(story()) == [1, 2, None, None]
