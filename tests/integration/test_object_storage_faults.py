"""Stores that fail: a run makes one version, or none and says why."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import DataFolderError, StorageError
from domain.manifest import Manifest
from tests.support.assert_store_consistent import assert_store_consistent
from tests.support.s3_proxy import S3Proxy, first, running_proxy
from tests.support.s3_server import SECRET_KEY, Bucket, Machine, bucket, s3_endpoint, unused_port
from tests.support.sample_runs import item_rows, sample_run, seal_items

__all__ = ["bucket", "s3_endpoint", "unused_port"]

pytestmark = pytest.mark.external_service

VERSION = "_catalog/v/"


@pytest.fixture
def proxy(s3_endpoint: str) -> Iterator[S3Proxy]:
    with running_proxy(s3_endpoint) as running:
        yield running


@pytest.fixture
def machine(bucket: Bucket, proxy: S3Proxy, tmp_path: Path) -> Machine:
    """One whose requests all go through the proxy."""
    return replace(bucket, endpoint=proxy.endpoint).machine(tmp_path / "one")


def commit(machine: Machine, run_id: str, rows: int = 5) -> Manifest:
    log = machine.remote.manifests
    asyncio.run(
        seal_items(machine.remote.writer(), sample_run(run_id), item_rows(rows), commit_to=log)
    )
    return asyncio.run(log.latest())


@pytest.mark.parametrize("fault", ["lost", "503 after", "refused", "503", "500"])
def test_a_commit_without_a_clear_answer_makes_one_version(
    machine: Machine, proxy: S3Proxy, bucket: Bucket, tmp_path: Path, fault: str
) -> None:
    """Whether the store has carried it out or not."""
    commit(machine, "A")
    proxy.fault = first("PUT", VERSION, fault)

    manifest = commit(machine, "B", rows=6)

    assert (manifest.version, manifest.run_id) == (2, "B")
    assert [each for *_, each in proxy.asked if each] == [fault]
    asyncio.run(machine.remote.runs.save(sample_run("A")))
    asyncio.run(machine.remote.runs.save(sample_run("B")))
    assert_store_consistent(bucket, tmp_path / "scratch", figures=False)


def test_a_commit_that_was_lost_behind_another_one_is_found(
    machine: Machine, proxy: S3Proxy, bucket: Bucket, tmp_path: Path
) -> None:
    """Its version stands although a newer one of somebody else came before anybody looked."""
    other = bucket.machine(tmp_path / "two")
    log = other.remote.manifests

    def decide(method: str, path: str) -> str:
        if method != "PUT" or VERSION not in path or proxy.fault is not decide:
            return ""
        proxy.fault = after
        return "lost"

    def after(method: str, path: str) -> str:
        if VERSION in path or "list-type" in path:
            proxy.fault = lambda *_: ""
            run = sample_run("OTHER", "elsewhere")
            asyncio.run(seal_items(other.remote.writer(), run, item_rows(1), commit_to=log))
        return ""

    proxy.fault = decide
    commit(machine, "A")

    assert [asyncio.run(log.at(number)).run_id for number in (1, 2)] == ["A", "OTHER"]
    assert asyncio.run(log.latest()).version == 2


@pytest.mark.parametrize("part", ["lake/", "_staging/", VERSION, "_catalog/runs/"])
def test_a_store_that_fails_now_and_then_is_asked_again(
    machine: Machine, proxy: S3Proxy, part: str
) -> None:
    """Two answers of 503 to each kind of write pass unseen."""
    proxy.fault = first("PUT", part, "503", times=2)
    asyncio.run(machine.remote.runs.save(sample_run("A")))

    assert commit(machine, "A").run_id == "A"
    assert len([each for *_, each in proxy.asked if each]) == 2


def test_a_store_that_keeps_failing_is_given_up(machine: Machine, proxy: S3Proxy) -> None:
    """With a word that nothing has changed; later the same folder works."""
    commit(machine, "A")
    proxy.fault = lambda method, path: "503" if method == "PUT" and "lake/" in path else ""

    with pytest.raises(StorageError, match=r"answered 503 \(SlowDown\).*has not changed.*later"):
        commit(machine, "B", rows=9)

    proxy.fault = lambda *_: ""
    assert commit(machine, "C", rows=7).version == 2


def test_a_refusal_says_which_rights_are_needed(machine: Machine, proxy: S3Proxy) -> None:
    """And repeats neither the request nor the keys."""
    proxy.fault = lambda *_: "403"

    with pytest.raises(DataFolderError, match="access is denied") as told:
        commit(machine, "A")

    assert "list the bucket" in str(told.value)
    assert SECRET_KEY not in str(told.value)
    assert "http" not in str(told.value)


def test_a_bucket_that_is_not_there_is_a_matter_of_configuration(
    bucket: Bucket, tmp_path: Path
) -> None:
    """Reading and writing alike."""
    machine = replace(bucket, name="no-such-bucket").machine(tmp_path / "one")

    with pytest.raises(DataFolderError, match=r"no such bucket\. Create it"):
        asyncio.run(machine.remote.manifests.latest())
    with pytest.raises(DataFolderError, match="no such bucket"):
        asyncio.run(machine.remote.runs.save(sample_run()))


def test_a_store_that_is_out_of_reach_says_so(
    bucket: Bucket, tmp_path: Path, unused_port: int
) -> None:
    """Within the client's bounds."""
    machine = replace(bucket, endpoint=f"http://127.0.0.1:{unused_port}").machine(tmp_path / "one")

    with pytest.raises(StorageError, match=r"cannot be reached.*AWS_ENDPOINT_URL"):
        asyncio.run(machine.remote.manifests.latest())


@pytest.mark.parametrize("fault", ["cut", "lost", "503"])
def test_a_download_that_breaks_off_is_begun_again(
    machine: Machine, proxy: S3Proxy, bucket: Bucket, tmp_path: Path, fault: str
) -> None:
    """The file is whole or not there."""
    manifest = commit(bucket.machine(tmp_path / "two"), "A", rows=2000)
    proxy.fault = first("GET", "lake/", fault)

    with machine.remote.lake.hold(manifest, ["test.items"]) as root:
        (file,) = manifest.tables["test.items"].datasets["things"].files
        assert (root / file.path).stat().st_size == file.bytes


def test_a_download_that_is_not_what_the_version_says_is_refused(
    machine: Machine, proxy: S3Proxy, bucket: Bucket, tmp_path: Path
) -> None:
    """Nothing of it is kept."""
    manifest = commit(bucket.machine(tmp_path / "two"), "A")
    proxy.fault = lambda method, path: "flipped" if method == "GET" and "lake/" in path else ""

    with (
        pytest.raises(StorageError, match="not what its version says"),
        machine.remote.lake.hold(manifest, ["test.items"]),
    ):
        pytest.fail("there is no such file")

    assert not [path for path in machine.mirror.root.rglob("*") if "part-" in path.name]
    assert not list(machine.mirror.root.glob("_fetching/*"))
