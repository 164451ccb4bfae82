"""Machines that share a store: locks, merges, sweeps, published copies, what is kept here."""

import asyncio
import os
import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.storage.parquet_profiles import ParquetProfiles
from adapters.storage.s3 import kept_files
from adapters.storage.s3.lock_object import LIFETIME, LockObject
from adapters.storage.s3.run_uploads import GIVEN_UP, IN_FLIGHT, MARKS
from adapters.storage.s3.s3_errors import UncertainWriteError
from application.ports.lake_files import QUARANTINE
from domain.errors import RunLockedError, StorageError
from domain.health import Level
from domain.manifest import Manifest
from domain.runs import RunState
from domain.tables import Record
from tests.fakes.fake_clock import FakeClock
from tests.fakes.sample_series import SERIES, hour
from tests.fakes.sample_source import FETCHED_AT, SAMPLE
from tests.support.assert_store_consistent import assert_store_consistent
from tests.support.s3_server import Bucket, Machine, bucket, machine, s3_endpoint
from tests.support.sample_runs import item_rows, sample_run, seal_items, sealed_and_committed

__all__ = ["bucket", "machine", "s3_endpoint"]

pytestmark = pytest.mark.external_service

ITEMS = "test.items"


@pytest.fixture
def other(bucket: Bucket, tmp_path: Path) -> Machine:
    """A second machine on the same bucket."""
    return bucket.machine(tmp_path / "two")


def commit(machine: Machine, run_id: str, rows: int = 5, target: str = "things") -> Manifest:
    log = machine.remote.manifests
    run = sample_run(run_id, target)
    asyncio.run(seal_items(machine.remote.writer(), run, item_rows(rows), commit_to=log))
    return asyncio.run(log.latest())


def path_of(manifest: Manifest, target: str = "things") -> str:
    (file,) = manifest.tables[ITEMS].datasets[target].files
    return file.path


def later(machine: Machine, by: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the store goes ahead for a machine."""
    time = machine.objects.time
    monkeypatch.setattr(machine.objects, "time", lambda: time() + by)


def test_another_machine_reads_what_the_first_one_published(
    machine: Machine, other: Machine
) -> None:
    """Each file is fetched once, and only those of the tables that are wanted."""
    manifest = commit(machine, "A")
    log = other.remote.manifests

    assert asyncio.run(log.latest()) == manifest
    with capture_logs() as logs:
        for _ in range(2):
            with other.remote.lake.hold(manifest, [ITEMS, "no.table"]) as root:
                assert (root / path_of(manifest)).is_file()

    assert [each["files"] for each in logs if each["event"] == "lake.fetched"] == [1]
    assert not list(other.mirror.lake.glob("test/details/**/*.parquet"))


def test_a_folder_may_be_a_whole_bucket(bucket: Bucket, tmp_path: Path) -> None:
    """Without a prefix."""
    bucket = replace(bucket, prefix="")
    machine = bucket.machine(tmp_path / "one")
    manifest = commit(machine, "A")
    asyncio.run(machine.remote.publisher().publish(manifest))
    asyncio.run(machine.remote.runs.save(sample_run("A")))

    assert_store_consistent(bucket, tmp_path / "scratch", settled=True, figures=False)


def test_a_target_with_any_name_has_its_own_keys(machine: Machine, other: Machine) -> None:
    """Slashes, spaces, percent signs, letters of the world, and names that look like paths."""
    for number, target in enumerate(("python/cpython", "a b%2F+?#", "Ünïcode", "..", "*[x]")):
        manifest = commit(machine, f"R{number}", number + 1, target)
        with other.remote.lake.hold(manifest, [ITEMS], target) as root:
            assert (root / path_of(manifest, target)).is_file()
        _, name = asyncio.run(machine.remote.publisher().publish(manifest, target))
        copy = machine.objects.read(name)
        assert copy is not None
        assert copy[0] == (machine.mirror.root / path_of(manifest, target)).read_bytes()
        asyncio.run(held_once(machine.remote.lock().hold("test", target)))

    assert len(machine.objects.listed("lake")) == 4 * 5


async def held_once(lock: AbstractAsyncContextManager[None]) -> None:
    async with lock:
        pass


def test_what_was_not_used_for_the_longest_time_goes_first(
    machine: Machine, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless somebody holds it; a dead holder holds nothing."""
    monkeypatch.setattr(kept_files, "_SHARE", 0)  # looks each time, however long that takes
    manifest = commit(machine, "A", 3000, "one")
    for target in ("two", "three"):
        manifest = commit(machine, target.upper(), 3000, target)
    (size,) = (file.bytes for file in manifest.tables[ITEMS].datasets["one"].files)
    small = bucket.machine(tmp_path / "small", max_bytes=int(size * 2.5))

    def here(target: str) -> bool:
        return (small.mirror.root / path_of(manifest, target)).exists()

    with small.remote.lake.hold(manifest, [ITEMS], "one"):
        for target in ("two", "three"):
            with small.remote.lake.hold(manifest, [ITEMS], target):
                assert here(target)
        assert [here(each) for each in ("one", "two", "three")] == [True, False, True]
    with small.remote.lake.hold(manifest, [ITEMS]):  # more than may be kept
        assert [here(each) for each in ("one", "two", "three")] == [True, True, True]
    (small.mirror.root / "_held" / "1-dead").write_text(path_of(manifest, "one"))
    manifest = commit(machine, "B", 3000, "four")
    with small.remote.lake.hold(manifest, [ITEMS], "four"):
        assert sum(here(target) for target in ("one", "two", "three", "four")) == 2


def test_files_of_a_run_that_has_not_ended_stay(machine: Machine) -> None:
    """However little may be kept."""
    tiny = machine.remote.lake._kept
    tiny._max_bytes = 1

    async def story() -> bool:
        async with machine.remote.writer().open(sample_run("A"), SAMPLE) as staging:
            staging.append("items", item_rows(9), FETCHED_AT)
            sealed = await sealed_and_committed(staging, None)
            tiny.shrink()
            (file,) = sealed.publication.tables[ITEMS].datasets["things"].files
            return (machine.mirror.root / file.path).is_file()

    assert asyncio.run(story())


def test_rows_kept_out_reach_the_other_machine(machine: Machine, other: Machine) -> None:
    """And go from it when the store has them no more."""

    async def staged() -> None:
        async with machine.remote.writer().open(sample_run("A"), SAMPLE) as staging:
            staging.append("items", item_rows(3), FETCHED_AT)
            staging.append("items", [(None, "x", "ok")], FETCHED_AT)
            await sealed_and_committed(staging, machine.remote.manifests)

    asyncio.run(staged())
    manifest = asyncio.run(other.remote.manifests.latest())

    def files() -> list[Path]:
        return list(other.mirror.quarantine.glob("*/*/target=*/run=A.parquet"))

    with other.remote.lake.hold(manifest, [QUARANTINE]):
        (found,) = files()
    other.objects.delete([other.mirror.relative(found)])
    with other.remote.lake.hold(manifest, [QUARANTINE]):
        assert not files()


def test_a_run_record_is_fetched_again_only_when_it_changed(
    machine: Machine, other: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And goes when the store has it no more."""
    for name in ("01A", "01B"):
        asyncio.run(machine.remote.runs.save(sample_run(name)))
    assert len(asyncio.run(other.remote.runs.all())) == 2
    fetched: list[str] = []
    read = other.objects.read

    def counted(key: str) -> tuple[bytes, str] | None:
        fetched.append(key)
        return read(key)

    monkeypatch.setattr(other.objects, "read", counted)

    asyncio.run(machine.remote.runs.save(replace(sample_run("01B"), state=RunState.FAILED)))
    machine.objects.delete(["_catalog/runs/01A.json"])

    (run,) = asyncio.run(other.remote.runs.all())
    assert (run.run_id, run.state) == ("01B", RunState.FAILED)
    assert fetched == ["_catalog/runs/01B.json"]


def test_a_store_that_was_emptied_is_empty_here_too(machine: Machine) -> None:
    """Versions that the mirror still knows do not come back."""
    commit(machine, "A")
    commit(machine, "B", 6)
    machine.objects.delete([each.key for each in machine.objects.listed("_catalog/v")])

    assert asyncio.run(machine.remote.manifests.latest()).version == 0
    assert asyncio.run(machine.remote.manifests.version_of("A")) is None
    assert commit(machine, "C", 7).version == 1


def test_a_target_is_held_on_all_machines(machine: Machine, other: Machine) -> None:
    """The other one is told who works; another target is free."""

    async def story() -> str:
        async with machine.remote.lock().hold("nft", "one"), other.remote.lock().hold("nft", "two"):
            with pytest.raises(RunLockedError) as refused:
                await other.remote.lock().hold("nft", "one").__aenter__()
        async with other.remote.lock().hold("nft", "one"):
            return refused.value.holder

    assert f"process {os.getpid()} on" in asyncio.run(story())
    assert not machine.objects.listed("_catalog/locks")


def test_a_lock_that_is_not_renewed_can_be_taken(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first holder learns of it, and does not free what is not its own any more."""
    key, since = "_catalog/locks/nft.one.json", datetime(2026, 1, 2, tzinfo=UTC)
    first, second = (LockObject(machine.objects, key, name, since) for name in ("one", "two"))
    assert first.take()
    assert first.renew()
    assert not second.take()
    assert "process" in second.holder

    later(machine, LIFETIME + timedelta(seconds=5), monkeypatch)
    assert second.take()

    assert not first.renew()
    first.release()
    assert machine.objects.head(key)
    second.release()
    assert not machine.objects.head(key)


def test_a_lock_whose_making_was_not_answered_is_held(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was made after all; so is a renewal."""
    lock = LockObject(machine.objects, "_catalog/locks/x", "one", datetime(2026, 1, 2, tzinfo=UTC))
    create, replaced = machine.objects.create, machine.objects.replace

    def unanswered(key: str, content: bytes) -> str | None:
        create(key, content)
        message = "no answer"
        raise UncertainWriteError(message)

    def denied(key: str, content: bytes, e_tag: str) -> str | None:
        replaced(key, content, e_tag)
        return None

    monkeypatch.setattr(machine.objects, "create", unanswered)
    monkeypatch.setattr(machine.objects, "replace", denied)

    assert lock.take()
    assert lock.renew()


def test_a_holder_whose_lock_was_taken_is_warned(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its run goes on: the commit decides."""
    clock = FakeClock()
    monkeypatch.setattr(clock, "sleep", lambda _: asyncio.sleep(0.01))
    monkeypatch.setattr(machine.remote, "_clock", clock)
    lock = machine.remote.lock()

    async def story() -> None:
        async with lock.hold("nft", "one"):
            machine.objects.write("_catalog/locks/nft.one.json", b"{}")
            async with asyncio.timeout(5):
                while not any(each["event"] == "lock.lost" for each in logs):  # noqa: ASYNC110  # a log
                    await asyncio.sleep(0.01)

    with capture_logs() as logs:
        asyncio.run(story())
    assert machine.objects.read("_catalog/locks/nft.one.json")


def test_a_lock_left_by_a_dead_process_of_this_machine_is_free_at_once(machine: Machine) -> None:
    """Its own lock says so."""
    lock = machine.remote.lock()

    async def story() -> None:
        held = lock.hold("nft", "one")
        await held.__aenter__()
        (found,) = machine.objects.listed("_catalog/locks")
        content = machine.objects.read(found.key)
        assert content is not None
        await held.__aexit__(None, None, None)
        machine.objects.write(found.key, content[0])
        async with lock.hold("nft", "one"):
            pass

    asyncio.run(story())


@pytest.mark.parametrize(
    ("age", "swept"), [(timedelta(hours=20), False), (GIVEN_UP + timedelta(minutes=1), True)]
)
def test_what_another_machine_left_is_removed_after_a_day(
    machine: Machine,
    other: Machine,
    monkeypatch: pytest.MonkeyPatch,
    age: timedelta,
    swept: bool,
) -> None:
    """Not before: it may still be at work."""
    sealed: list[str] = []

    async def half() -> None:
        async with machine.remote.writer().open(sample_run("DEAD"), SAMPLE) as staging:
            staging.append("items", item_rows(4), FETCHED_AT)
            publication = (await staging.seal()).publication
            sealed.append(machine.uploads.upload(publication))
            monkeypatch.setattr(machine.uploads, "sweep", lambda ended="": None)

    asyncio.run(half())
    later(other, age, monkeypatch)
    asyncio.run(other.remote.writer().sweep())
    commit(other, "B", target="elsewhere")

    left = [each.key for each in machine.objects.listed(MARKS)]
    assert left == ([] if swept else sealed)
    strays = [each.key for each in machine.objects.listed("lake") if "run=DEAD" in each.key]
    assert bool(strays) is not swept


def test_a_run_that_was_taken_for_dead_cannot_publish(
    machine: Machine, other: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that slept for a day wakes up and names nothing that is being removed."""
    uploads = machine.uploads
    upload: Callable[..., str] = uploads.upload
    later(other, GIVEN_UP + timedelta(minutes=1), monkeypatch)

    def uploaded_and_voided(publication: object) -> str:
        mark = upload(publication)
        other.uploads.sweep()
        return mark

    monkeypatch.setattr(uploads, "upload", uploaded_and_voided)

    with pytest.raises(StorageError, match="taken this run for dead"):
        commit(machine, "A")
    assert asyncio.run(machine.remote.manifests.latest()).version == 0


def test_a_version_that_came_while_a_run_was_voided_decides_nothing(
    machine: Machine, other: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run may have seen it too, and be about to make the one after it."""
    later(other, GIVEN_UP + timedelta(minutes=1), monkeypatch)
    replaced = other.objects.replace

    def overtaken(key: str, content: bytes, e_tag: str) -> str | None:
        monkeypatch.setattr(other.objects, "replace", replaced)
        commit(machine, "X", target="elsewhere")
        return replaced(key, content, e_tag)

    async def half() -> None:
        async with machine.remote.writer().open(sample_run("SLOW"), SAMPLE) as staging:
            staging.append("items", item_rows(4), FETCHED_AT)
            machine.uploads.upload((await staging.seal()).publication)
            monkeypatch.setattr(other.objects, "replace", overtaken)
            monkeypatch.setattr(other.objects, "time", lambda: datetime.max.replace(tzinfo=UTC))
            await asyncio.to_thread(other.uploads.sweep)
            monkeypatch.setattr(other.objects, "time", lambda: datetime.min.replace(tzinfo=UTC))
            await asyncio.to_thread(other.uploads.sweep)
            assert [each for each in machine.objects.listed("lake") if "run=SLOW" in each.key]
            await asyncio.to_thread(commit, machine, "Y", 6, "elsewhere")
            await asyncio.to_thread(other.uploads.sweep)
            assert not [each for each in machine.objects.listed("lake") if "run=SLOW" in each.key]

    asyncio.run(half())


def test_uploads_of_a_failed_commit_wait_until_it_is_decided(
    machine: Machine, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A write that was lost may yet arrive: what it names goes an hour later, and not before."""

    def never(*_: object) -> str:
        message = "no answer"
        raise StorageError(message)

    with monkeypatch.context() as broken:
        broken.setattr(machine.objects, "create", never)
        with pytest.raises(StorageError, match="no answer"):
            commit(machine, "A")
    asyncio.run(machine.remote.writer().sweep())
    assert [each for each in machine.objects.listed("lake") if "run=A" in each.key]

    later(machine, IN_FLIGHT + timedelta(minutes=1), monkeypatch)
    asyncio.run(machine.remote.writer().sweep())
    assert not machine.objects.listed("lake")
    assert not machine.objects.listed(MARKS)


def test_an_unchanged_run_uploads_nothing(machine: Machine) -> None:
    """What was sealed and not committed never leaves the machine."""
    commit(machine, "A")
    before = machine.objects.listed("")
    asyncio.run(seal_items(machine.remote.writer(), sample_run("B"), item_rows(5)))

    assert machine.objects.listed("") == before


def test_rows_that_are_written_late_are_uploaded_too(machine: Machine) -> None:
    """In folders of their own, as those that are written at once."""
    commit(machine, "A")
    log = machine.remote.manifests

    async def late() -> Manifest:
        async with machine.remote.writer().open(sample_run("B"), SAMPLE) as staging:
            staging.append("items", item_rows(5), FETCHED_AT)
            sealed = await staging.seal(await log.latest())
            assert not sealed.is_written
            assert not list(machine.mirror.lake.rglob("run=B"))
            return await log.commit(await staging.write(), FETCHED_AT)

    manifest = asyncio.run(late())

    assert manifest.run_id == "B"
    assert machine.objects.head(path_of(manifest)) is not None
    assert len(Path(path_of(manifest)).parent.name) == 8  # the folder of this attempt
    assert not machine.objects.listed(MARKS)


def test_published_copies_are_made_again_when_they_are_missing_or_others(
    machine: Machine, other: Machine
) -> None:
    """And left alone when they are right."""
    manifest = commit(machine, "A")
    publisher = machine.remote.publisher()
    names = list(asyncio.run(publisher.publish(manifest)))
    assert names == ["things_details.parquet", "things_items.parquet"]
    right = machine.objects.head("things_items.parquet")

    asyncio.run(other.remote.publisher().publish(manifest))
    assert machine.objects.head("things_items.parquet") == right
    machine.objects.delete(["things_items.parquet"])
    machine.objects.write("things_details.parquet", b"somebody else's")
    asyncio.run(publisher.publish(manifest))

    found = machine.objects.read("things_items.parquet")
    assert found is not None
    assert found[0] == (machine.mirror.root / path_of(manifest)).read_bytes()
    details = machine.objects.read("things_details.parquet")
    assert details is not None
    assert details[0][:4] == b"PAR1"


def test_a_slow_publisher_takes_nothing_back(machine: Machine, other: Machine) -> None:
    """It finds the newer version and publishes that one."""
    old = commit(machine, "A")
    new = commit(other, "B", 9)
    asyncio.run(other.remote.publisher().publish(new))

    asyncio.run(machine.remote.publisher().publish(old))

    found = machine.objects.read("things_items.parquet")
    assert found is not None
    assert found[0] == (other.mirror.root / path_of(new)).read_bytes()


def test_a_file_that_the_store_cannot_copy_is_uploaded(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CopyObject ends at five gigabytes."""
    monkeypatch.setattr("adapters.storage.s3.s3_publisher._COPYABLE", 10)
    manifest = commit(machine, "A")

    asyncio.run(machine.remote.publisher().publish(manifest))

    found = machine.objects.read("things_items.parquet")
    assert found is not None
    assert found[0] == (machine.mirror.root / path_of(manifest)).read_bytes()


def test_history_is_that_of_the_store(machine: Machine, other: Machine) -> None:
    """On a machine that is new there as well."""
    commit(machine, "A")
    commit(machine, "B", 6)
    history = other.remote.history()

    assert [each.run_id for each in asyncio.run(history.kept())] == ["A", "B"]
    assert list(asyncio.run(history.pruned())) == []
    with history.reading(1):
        pass


def test_rows_are_merged_with_those_of_another_machine(machine: Machine, other: Machine) -> None:
    """The base is fetched for the merge; a run that was built on something else is refused."""

    async def merged(on: Machine, run_id: str, *hours: int) -> int:
        run = replace(sample_run(run_id, "clock"), source=SERIES.name)
        async with on.remote.writer().open(run, SERIES) as staging:
            rows: list[Record] = [("1h", hour(number), number, True) for number in hours]
            staging.append("values", rows, FETCHED_AT)
            sealed = await sealed_and_committed(staging, on.remote.manifests)
        return sealed.publication.tables["test.values"].datasets["clock"].rows

    assert asyncio.run(merged(machine, "A", 0, 1)) == 2
    assert asyncio.run(merged(other, "B", 1, 2)) == 3
    assert asyncio.run(merged(machine, "C", 3)) == 4

    async def race() -> None:
        run = replace(sample_run("D", "clock"), source=SERIES.name)
        async with machine.remote.writer().open(run, SERIES) as staging:
            staging.append("values", [("1h", hour(9), 9, True)], FETCHED_AT)
            sealed = await staging.seal()
            await merged(other, "E", 8)
            await machine.remote.manifests.commit(sealed.publication, FETCHED_AT)

    with pytest.raises(StorageError, match=r"Another run has changed test\.values"):
        asyncio.run(race())


def test_versions_are_compared_with_files_of_both_at_hand(machine: Machine, other: Machine) -> None:
    """On a machine that has neither."""
    before, after = commit(machine, "A", 3), commit(machine, "B", 5)
    differ = other.remote.differ()

    diff = asyncio.run(differ.diff(ITEMS, "things", before, after, 9))

    assert (diff.added, diff.removed, diff.changed) == (2, 0, 0)


def test_the_store_is_looked_over(machine: Machine, bucket: Bucket, tmp_path: Path) -> None:
    """`app doctor` says whether it answers, and how the mirror's disk is."""

    async def levels(of: Machine) -> list[Level]:
        found = await of.remote.probe().probe()
        return [each.level for each in found]

    missing = replace(bucket, name="no-such-bucket").machine(tmp_path / "missing")

    assert asyncio.run(levels(machine))[:2] == [Level.OK, Level.OK]
    assert asyncio.run(levels(missing))[0] is Level.FAILURE


def test_profiles_are_read_without_their_files(machine: Machine, other: Machine) -> None:
    """And made from the files where they are missing."""
    manifest = commit(machine, "A")
    files = manifest.tables[ITEMS].datasets["things"].files
    profiles = other.remote.profiles()
    wanted = asyncio.run(ParquetProfiles(machine.mirror).of(files))
    path = other.mirror.root / files[0].path

    assert asyncio.run(profiles.of(files)) == wanted
    assert not path.exists()
    (profile,) = path.parent.iterdir()
    machine.objects.delete([other.mirror.relative(profile)])
    profile.unlink()
    assert asyncio.run(profiles.of(files)) == wanted
    assert path.exists()


def test_a_large_file_goes_in_parts_and_comes_in_blocks(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole."""
    monkeypatch.setattr("adapters.storage.s3.s3_objects._PART", 5 << 20)
    path = tmp_path / "large"
    path.write_bytes(random.Random(7).randbytes(12 << 20))

    machine.objects.upload(path, "large")

    found = machine.objects.head("large")
    assert found is not None
    assert found.e_tag.strip('"').endswith("-3")
    assert b"".join(machine.objects.blocks("large")) == path.read_bytes()


@pytest.mark.parametrize("path", ["../../outside", "_catalog/id", "lake/../../outside", "/outside"])
def test_a_version_cannot_lead_out_of_the_lake(machine: Machine, path: str) -> None:
    """Whoever wrote it."""
    manifest = commit(machine, "A")
    table = manifest.tables[ITEMS]
    dataset = table.datasets["things"]
    files = tuple(replace(each, path=path) for each in dataset.files)
    datasets = {"things": replace(dataset, files=files)}
    hostile = replace(manifest, tables={ITEMS: replace(table, datasets=datasets)})

    with pytest.raises(StorageError, match="outside"), machine.remote.lake.hold(hostile, [ITEMS]):
        pytest.fail("it was fetched")


def test_foreign_objects_are_passed_over(machine: Machine, other: Machine) -> None:
    """Among versions, runs, marks and locks."""
    commit(machine, "A")
    asyncio.run(machine.remote.runs.save(sample_run("A")))
    for folder in ("_catalog/v", "_catalog/runs", "_staging", "_catalog/locks"):
        for name in ("note.txt", ".hidden.json", "deep/00000002.json", "x y.json", "z.json"):
            machine.objects.write(f"{folder}/{name}", b"not ours")

    assert asyncio.run(other.remote.manifests.latest()).run_id == "A"
    assert asyncio.run(other.remote.manifests.version_of("none")) is None
    assert [run.run_id for run in asyncio.run(other.remote.runs.all())] == ["A"]
    assert commit(other, "B", 6).version == 2
    asyncio.run(other.remote.writer().sweep())
