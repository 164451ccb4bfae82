"""Pruning a real folder, with everything going on beside it."""

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import NotFoundError, StorageError
from domain.retention import Retention
from tests.fakes.fake_clock import FakeClock
from tests.support.assert_consistent import assert_consistent
from tests.support.catalog_history import CatalogHistory

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> CatalogHistory:
    """Six versions of one target, a day apart; not to be changed."""
    catalog = CatalogHistory(tmp_path_factory.mktemp("template") / "output")
    catalog.grow(6)
    return catalog


@pytest.fixture
def catalog(template: CatalogHistory, tmp_path: Path) -> CatalogHistory:
    """A copy."""
    return _copy(template, tmp_path / "output")


def _copy(template: CatalogHistory, root: Path) -> CatalogHistory:
    shutil.copytree(template.root, root)
    copied = CatalogHistory(root, FakeClock(template.clock.now()))
    asyncio.run(copied.rebuild.execute())
    return copied


def test_old_versions_go_with_the_files_that_only_they_have(catalog: CatalogHistory) -> None:
    """The plan says what the deed does; all that is left is whole."""
    planned = asyncio.run(catalog.prune.plan(Retention(keep=2)))
    done = asyncio.run(catalog.prune.execute(Retention(keep=2)))

    assert list(planned.versions) == list(done.versions) == [1, 2, 3, 4]
    assert (planned.files, planned.bytes) == (done.files, done.bytes)
    assert done.files == 16
    assert catalog.kept() == [5, 6]
    assert_consistent(catalog.root, settled=True, swept=True)
    with pytest.raises(NotFoundError, match="It was pruned"):
        asyncio.run(catalog.manifests.at(3))


def test_a_plan_changes_nothing(catalog: CatalogHistory) -> None:
    """Not a byte of the folder."""
    before = {path: path.stat() for path in catalog.root.rglob("*") if path.is_file()}
    asyncio.run(catalog.prune.plan(Retention(keep=1)))

    assert before == {path: path.stat() for path in catalog.root.rglob("*") if path.is_file()}


def test_files_that_a_later_version_still_has_stay(tmp_path: Path) -> None:
    """A target that was not ingested again is of an old run in a new version."""
    catalog = CatalogHistory(tmp_path)
    catalog.add("01OLD", target="others")
    catalog.clock.advance(86_400)
    catalog.grow(3)
    asyncio.run(catalog.prune.execute(Retention(keep=1)))

    assert catalog.kept() == [4]
    assert_consistent(tmp_path, settled=True, swept=True)
    assert not catalog.verified().damages


def test_a_dead_run_of_a_pruned_version_is_not_taken_for_one_that_published_nothing(
    tmp_path: Path,
) -> None:
    """Its files are those of a later version too, and must survive the sweep of its area."""
    catalog = CatalogHistory(tmp_path)
    catalog.add("01OLD", target="others")
    (tmp_path / "_staging" / "01OLD").mkdir()  # killed between its commit and its end
    catalog.clock.advance(86_400)
    catalog.grow(3)
    asyncio.run(catalog.prune.execute(Retention(keep=1)))
    assert asyncio.run(catalog.writer.sweep()) == {"01OLD": ""}

    assert not catalog.verified().damages
    assert_consistent(tmp_path, settled=True, swept=True)


def test_a_reader_in_another_process_keeps_its_version(catalog: CatalogHistory) -> None:
    """A long query over version 2; as soon as it has ended, even killed, the version may go."""
    with subprocess.Popen(
        [sys.executable, "-c", _READER, catalog.root, "2"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": "src"},
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"reading\n"
        held = asyncio.run(catalog.prune.execute(Retention(keep=1)))

        assert (list(held.versions), list(held.held)) == ([1, 3, 4, 5], [2])
        assert_consistent(catalog.root)
        reader.stdin.close()
        assert reader.stdout.read() == b"2 rows\n"
    assert reader.returncode == 0
    assert list(asyncio.run(catalog.prune.execute(Retention(keep=1))).versions) == [2]
    assert_consistent(catalog.root, settled=True, swept=True)


_READER = """
import asyncio, sys
from pathlib import Path
import duckdb
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.file_version_history import FileVersionHistory
folder, version = DataFolder(Path(sys.argv[1])), int(sys.argv[2])
with FileVersionHistory(folder).reading(version):
    manifest = asyncio.run(FileManifestLog(folder).at(version))
    print("reading", flush=True)
    sys.stdin.read()
    (file,) = manifest.dataset("test.items", "things").files
    rows = duckdb.read_parquet(str(folder.root / file.path)).fetchall()
    print(len(rows), "rows")
"""


def test_two_prunes_at_once_are_one_too_many(catalog: CatalogHistory) -> None:
    """The second is told."""

    async def story() -> None:
        async with catalog.prune._pruner.alone():
            await catalog.prune.execute(Retention(keep=1))

    with pytest.raises(StorageError, match="is pruning"):
        asyncio.run(story())
    assert len(catalog.kept()) == 6


def test_ingests_commit_while_versions_go(tmp_path: Path) -> None:
    """Every version that is left is whole, whoever was faster."""
    catalog = CatalogHistory(tmp_path)
    catalog.grow(3)

    async def ingests() -> None:
        for number in range(12):
            await catalog.added(f"01NEW{number:05}", target=f"t{number % 3}", items=5)
            catalog.clock.advance(90_000)

    async def prunes() -> None:
        for _ in range(25):
            await catalog.prune.execute(Retention(keep=1))

    async def story() -> None:
        await asyncio.gather(ingests(), prunes())

    asyncio.run(story())
    assert_consistent(tmp_path)
    assert not catalog.verified().damages
    asyncio.run(catalog.prune.execute(Retention(keep=1)))
    assert_consistent(tmp_path, settled=True, swept=True)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("ingest"), st.sampled_from(["one", "two"])),
            st.tuples(st.just("prune"), st.integers(1, 4)),
            st.tuples(st.just("wait"), st.integers(1, 60)),
        ),
        max_size=12,
    )
)
def test_prune_as_you_like_every_version_that_is_kept_can_be_read(
    steps: list[tuple[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The newest one first of all."""
    catalog = CatalogHistory(tmp_path_factory.mktemp("any"))
    newest = 0
    for number, (step, how) in enumerate(steps):
        if step == "ingest":
            newest = catalog.add(f"01R{number:05}", target=str(how), items=number).version
        elif step == "prune":
            asyncio.run(catalog.prune.execute(Retention(keep=int(str(how)))))
        else:
            catalog.clock.advance(int(str(how)) * 3600)
        kept = catalog.kept()
        assert kept[-1:] == ([newest] if newest else [])
        assert not catalog.verified().damages
    assert_consistent(catalog.root)
