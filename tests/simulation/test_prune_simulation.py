"""Ingests and prunes in turn, any of which may die: nothing that is kept is ever lost."""

import asyncio
import random
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.catalog.catalog_file import CatalogFile
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.file_publisher import FilePublisher
from adapters.storage.file_run_log import FileRunLog
from adapters.storage.file_version_history import FileVersionHistory
from adapters.storage.file_version_pruner import FileVersionPruner
from adapters.storage.parquet_lake_maintenance import ParquetLakeMaintenance
from application.prune_catalog import PruneCatalog
from domain.errors import PipelineError
from domain.retention import Retention
from domain.runs import Run
from tests.support.assert_consistent import assert_consistent
from tests.support.faulty_disk import FaultyDisk
from tests.support.simulated_world import CrashError, Fault, World

SEEDS = range(12)
STEPS = 6
_TWO_DAYS = 172_800.0


class PrunedWorld(World):
    """A world in which versions go as well as come."""

    def prune(self, keep: int, fault: Fault | None = None) -> None:
        """Days later; the process may die in the midst of it."""
        self.clock.advance(_TWO_DAYS)
        disk = FaultyDisk(fault.at if fault else None, lambda: self._fail(fault))
        with disk.installed(), suppress(CrashError, PipelineError):
            asyncio.run(self._pruner().execute(Retention(keep=keep)))
        if (self._home / "after-crash").exists():
            self.root = self._survived()
        assert_consistent(self.root)

    def kept(self) -> list[int]:
        """The numbers of the versions that are there."""
        return sorted(int(path.stem) for path in (self.root / "_catalog" / "v").glob("*.json"))

    def _pruner(self) -> PruneCatalog:
        folder = DataFolder(self.root)
        runs = FileRunLog(folder)
        return PruneCatalog(
            manifests=FileManifestLog(folder),
            history=FileVersionHistory(folder),
            pruner=FileVersionPruner(folder),
            lake=ParquetLakeMaintenance(folder),
            publisher=FilePublisher(folder, runs, CatalogFile(folder.root).build),
            clock=self.clock,
        )

    def _reconcile(self, run: Run | None) -> None:
        """By the newest version's number, since their count goes down too."""
        newest = max(self.kept(), default=0)
        if run is not None or newest > self._versions:
            self.published = {name: list(colors) for name, colors in self.items.items()}
        self._versions = newest


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_dies_the_newest_version_is_whole(seed: int, tmp_path: Path) -> None:
    """At last everything that is derived is there, and a last prune leaves one version."""
    chance = random.Random(seed)
    world = PrunedWorld(tmp_path, chance, items=25)
    ended = True
    for _ in range(STEPS):
        fault = Fault(chance.choice(["crash", "full disk"]), chance.randrange(1, 90))
        if chance.random() < 0.5:
            if ended:  # a run that goes on has seen some of the items already
                world.change()
            ended = world.ingest(fault if chance.random() < 0.6 else None) is not None
        else:
            world.prune(chance.randrange(1, 4), fault if chance.random() < 0.7 else None)
    world.settle()
    world.prune(1)

    assert len(world.kept()) == 1
    assert world.rows() == world.expected()
    assert_consistent(world.root, settled=True, swept=True)
