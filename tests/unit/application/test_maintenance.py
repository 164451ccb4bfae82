"""Prune, verify, rebuild and check, over fakes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from application.check_datasets import CheckDatasets
from application.ports.lake_maintenance import Defect
from application.prune_catalog import PruneCatalog
from application.rebuild_catalog import RebuildCatalog
from application.verify_catalog import VerifyCatalog, VerifyProgress, VerifyReport
from domain.errors import NotFoundError, StorageError
from domain.health import Level
from domain.manifest import DataFile
from domain.retention import Retention
from domain.runs import RowCounts, RunState
from tests.contracts.manifest_log_contract import publication
from tests.fakes.fake_catalog_caches import FakeCatalogCaches
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_lake_maintenance import FakeLakeMaintenance
from tests.fakes.fake_manifest_log import FakeManifestLog
from tests.fakes.fake_publisher import FakePublisher
from tests.fakes.fake_run_log import FakeRunLog
from tests.fakes.fake_version_history import FakeVersionHistory
from tests.fakes.fake_version_pruner import FakeVersionPruner
from tests.support.sample_runs import sample_run

KEEP_ONE = Retention(keep=1)


class Catalog:
    """Versions of the runs A, B and so on, a day apart, of one target each in turn."""

    def __init__(self, runs: str = "ABC", targets: str = "one") -> None:
        self.clock = FakeClock()
        self.log, self.lake, self.runs = FakeManifestLog(), FakeLakeMaintenance(), FakeRunLog()
        self.history = FakeVersionHistory(self.log)
        self.pruner = FakeVersionPruner(self.history)
        self.publisher = FakePublisher()
        self.caches = FakeCatalogCaches(self.history, "an index")
        names = targets.split()
        for number, run_id in enumerate(runs):
            self.commit(run_id, names[number % len(names)])

    def commit(self, run_id: str, target: str = "one") -> None:
        """One more version, and a day later."""
        made = publication(run_id, target)
        for table in made.tables.values():
            self.lake.put(*table.datasets[target].files)
        manifest = asyncio.run(self.log.commit(made, self.clock.now()))
        run = replace(sample_run(run_id, target), state=RunState.SUCCEEDED)
        run = replace(run, version=manifest.version, tables={"test.items": RowCounts(1, 1)})
        asyncio.run(self.runs.save(run))
        self.clock.advance(timedelta(days=1).total_seconds())

    @property
    def prune(self) -> PruneCatalog:
        return PruneCatalog(
            manifests=self.log,
            history=self.history,
            pruner=self.pruner,
            lake=self.lake,
            publisher=self.publisher,
            clock=self.clock,
        )

    def verify(self, *, every_version: bool = False) -> VerifyReport:
        """The report; progress goes up to all that there is."""
        use_case = VerifyCatalog(manifests=self.log, history=self.history, lake=self.lake)

        async def steps() -> list[VerifyProgress | VerifyReport]:
            return [each async for each in use_case.execute(every_version=every_version)]

        *progress, report = asyncio.run(steps())
        assert isinstance(report, VerifyReport)
        for number, each in enumerate(progress, start=1):
            assert isinstance(each, VerifyProgress)
            assert (each.files, each.total_files) == (number, report.files)
        return report

    @property
    def rebuild(self) -> RebuildCatalog:
        return RebuildCatalog(
            manifests=self.log,
            history=self.history,
            runs=self.runs,
            caches=self.caches,
            publisher=self.publisher,
        )


def test_versions_go_before_their_files() -> None:
    """When the files cannot be removed, no version lacks any; the next prune removes them."""
    catalog = Catalog()
    catalog.lake.fail = StorageError("the disk says no")
    with pytest.raises(StorageError):
        asyncio.run(catalog.prune.execute(KEEP_ONE))
    assert [each.version for each in catalog.log.manifests] == [3]
    assert len(catalog.lake.files) == 3
    assert not catalog.pruner.taken

    catalog.lake.fail = None
    report = asyncio.run(catalog.prune.execute(Retention()))
    assert (list(report.versions), report.files, report.bytes) == ([], 2, 20)
    assert not catalog.verify(every_version=True).damages


def test_derived_files_are_made_before_anything_goes() -> None:
    """A catalog file that leads into old versions would be broken by the prune."""
    catalog = Catalog()
    catalog.publisher.fail = StorageError("the disk is full")
    with pytest.raises(StorageError):
        asyncio.run(catalog.prune.execute(KEEP_ONE))
    assert len(catalog.log.manifests) == 3

    catalog.publisher.fail = None
    asyncio.run(catalog.prune.execute(KEEP_ONE))
    assert catalog.publisher.published == [(3, None)]


def test_what_a_reader_holds_stays_with_its_files() -> None:
    """And is told of."""
    catalog = Catalog()
    with catalog.history.reading(2):
        report = asyncio.run(catalog.prune.execute(KEEP_ONE))

    assert (list(report.versions), list(report.held), report.kept) == ([1], [2], 2)
    assert not catalog.verify(every_version=True).damages


def test_files_of_another_target_and_of_a_run_under_way_stay() -> None:
    """The newest version has them, or its successor will."""
    catalog = Catalog("ABCD", "one two")
    coming = DataFile("lake/test/items/target=one/run=E/part.parquet", 1, 10, "00")
    catalog.lake.put(coming)
    catalog.lake.under_way.add(coming.path.rpartition("/")[0])
    asyncio.run(catalog.prune.execute(KEEP_ONE))

    left = {path.split("run=")[1][0] for path in catalog.lake.files}
    assert left == {"C", "D", "E"}


def test_a_version_of_today_is_young() -> None:
    """Neither its plan nor its deed removes it."""
    catalog = Catalog("AB")
    catalog.clock.advance(-timedelta(days=1).total_seconds())
    for made in (catalog.prune.plan, catalog.prune.execute):
        report = asyncio.run(made(KEEP_ONE))
        assert (list(report.versions), list(report.young), report.kept) == ([], [1], 2)


def test_damage_is_told_with_the_versions_that_have_it() -> None:
    """Of the newest alone, or of all; strays are told too."""
    catalog = Catalog("ABC", "one two")
    paths = {path.split("run=")[1][0]: path for path in catalog.lake.files}
    del catalog.lake.files[paths["A"]]
    catalog.lake.put(DataFile(paths["B"], 1, 10, "another"))
    catalog.lake.put(DataFile("lake/test/items/target=x/run=Z/part.parquet", 1, 7, ""))
    newest, every = catalog.verify(), catalog.verify(every_version=True)

    assert [(each.versions, each.finding.defect) for each in newest.damages] == [
        ((3,), Defect.CHECKSUM)
    ]
    assert [(each.versions, each.is_current) for each in every.damages] == [
        ((1, 2), False),
        ((2, 3), True),
    ]
    assert [each.bytes for each in newest.strays] == [7]
    assert (newest.versions, newest.files, every.versions, every.files) == (1, 2, 3, 3)


def test_lost_records_are_made_again() -> None:
    """Of runs, from their versions; of pruned versions, from their runs."""
    catalog = Catalog()
    del catalog.runs.runs["C"]
    del catalog.log.manifests[:2]
    report = asyncio.run(catalog.rebuild.execute())

    assert (list(report.dropped), list(report.runs)) == (["an index"], ["C"])
    assert list(report.pruned) == [1, 2]
    assert catalog.publisher.published == [(3, None)]
    again = asyncio.run(catalog.rebuild.execute())
    assert (list(again.dropped), list(again.runs), list(again.pruned)) == ([], [], [])


def test_checks_tell_of_the_last_run_the_balance_and_what_was_kept_out() -> None:
    """A run that failed since is a failure although its version stands."""
    catalog = Catalog("A")
    counts = {"test.items": RowCounts(3, 1, 2)}
    made = replace(catalog.runs.runs["A"], tables=counts)
    failed = replace(made, run_id="B", state=RunState.FAILED, error="HTTP 503", tables={})
    for run in (made, failed):
        asyncio.run(catalog.runs.save(run))
    use_case = CheckDatasets(manifests=catalog.log, runs=catalog.runs)
    found = asyncio.run(use_case.execute(["items"]))

    assert [(each.check, each.level) for each in found] == [
        ("run", Level.FAILURE),
        ("balance", Level.OK),
        ("quarantine", Level.WARNING),
    ]
    assert "HTTP 503" in found[0].detail
    with pytest.raises(NotFoundError, match="items"):
        asyncio.run(use_case.execute(["itmes"]))


def test_a_missing_record_is_a_warning() -> None:
    """With the command that makes it again."""
    catalog = Catalog("A")
    catalog.runs.runs.clear()
    (found,) = asyncio.run(CheckDatasets(manifests=catalog.log, runs=catalog.runs).execute())

    assert (found.check, found.level) == ("balance", Level.WARNING)
    assert "app catalog rebuild" in found.detail
