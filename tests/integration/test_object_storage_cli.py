"""`APP_DATA_DIR=s3://…` from the outside: the commands, as a user types them."""

import json
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support.app_process import CANARY, AppProcess
from tests.support.assert_store_consistent import assert_store_consistent, downloaded
from tests.support.s3_server import (
    ACCESS_KEY,
    SECRET_KEY,
    Bucket,
    bucket,
    made_bucket,
    s3_endpoint,
    unused_port,
)

__all__ = ["bucket", "s3_endpoint", "unused_port"]

pytestmark = pytest.mark.external_service

ITEMS = 120


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with running_sandbox(SandboxOptions(items=ITEMS)) as url:
        yield url


def app_at(bucket: Bucket, home: Path, upstream: str, **environment: str) -> AppProcess:
    """`app` on a machine of its own."""
    home.mkdir(exist_ok=True)
    own = {"APP_DATA_DIR": str(bucket.address), **bucket.environ, **environment}
    return AppProcess(home, upstream, own)


def shown(done: "subprocess.CompletedProcess[bytes]", expected: int = 0) -> str:
    """All that a command has said."""
    text = (done.stdout + done.stderr).decode()
    assert done.returncode == expected, text
    return text


@dataclass(frozen=True)
class Published:
    """A folder that one machine has ingested into."""

    bucket: Bucket
    upstream: str
    home: Path
    ingested: dict[str, Any]


@pytest.fixture(scope="module")
def published(
    s3_endpoint: str, upstream: str, tmp_path_factory: pytest.TempPathFactory
) -> Published:
    bucket, home = made_bucket(s3_endpoint), tmp_path_factory.mktemp("machines") / "here"
    here = app_at(bucket, home, upstream, APP_LOG_LEVEL="debug", APP_LOG_FILE=str(home / "log"))
    gateway = f"ipfs_gateways={upstream}"
    return Published(bucket, upstream, home, here.ingest("dxterminal", "-p", gateway))


def test_an_ingest_here_is_queried_there(published: Published, tmp_path: Path) -> None:
    """Two machines, one folder; the second ingest finds that nothing has changed."""
    there = app_at(published.bucket, tmp_path / "there", published.upstream)

    names = ("collections", "nfts", "traits")
    assert published.ingested["files"] == [f"dxterminal_{each}.parquet" for each in names]
    assert there.rows("select count(*) as n from nfts") == [{"n": ITEMS}]
    joined = "select count(distinct n.identifier) as n from nfts n join traits t using (identifier)"
    assert there.rows(joined)[0]["n"] > 0
    again = there.ingest("dxterminal", "-p", f"ipfs_gateways={published.upstream}")
    assert (published.ingested["version"], again["version"]) == (1, 1)
    assert len(there.rows("select run_id from meta.runs")) == 2
    assert there.rows("select count(*) as n from meta.quarantine")[0]["n"] >= 0


def test_every_command_answers_and_no_key_is_said_or_written(
    published: Published, tmp_path: Path
) -> None:
    """Not in the log, on the terminal, on the disk or in the store."""
    there = app_at(published.bucket, tmp_path / "there", published.upstream)
    said = [
        shown(there.run(*command))
        for command in (
            ("datasets",),
            ("runs",),
            ("describe", "nft.nfts"),
            ("doctor",),
            ("config", "show"),
            ("query", "show tables"),
        )
    ]
    assert "nft.nfts" in said[0]
    assert f"object storage: {published.bucket.address}" in said[3]
    assert str(published.bucket.address) in said[4]

    assert_store_consistent(published.bucket, tmp_path / "scratch", settled=True)
    downloaded(published.bucket, tmp_path / "seen")
    folders = (tmp_path / "seen", published.home, there.home)
    written = [path for each in folders for path in each.rglob("*") if path.is_file()]
    assert published.home / "log" in written
    for secret in (SECRET_KEY, ACCESS_KEY, CANARY):
        assert secret not in "".join(said)
        assert not [path for path in written if secret.encode() in path.read_bytes()]


def test_an_offline_ingest_works_from_the_cache_of_its_machine(published: Published) -> None:
    """The store is not the upstream: it is asked."""
    here = app_at(published.bucket, published.home, published.upstream)

    gateway = ("-p", f"ipfs_gateways={published.upstream}")
    assert here.ingest("dxterminal", "--offline", *gateway)["version"] == 1


def test_a_changed_target_has_a_history(bucket: Bucket, upstream: str, tmp_path: Path) -> None:
    """A smaller second version; the difference and the older version can be asked for."""
    app = app_at(bucket, tmp_path / "here", upstream)
    gateway = ("-p", f"ipfs_gateways={upstream}")
    app.ingest("dxterminal", *gateway)
    second = app.ingest("dxterminal", "--limit", "50", *gateway)

    assert second["version"] == 2
    assert "70" in shown(app.run("diff", "nft", "dxterminal"))
    assert app.rows("select count(*) as n from nfts") == [{"n": 50}]


def test_the_catalog_is_verified_and_rebuilt(bucket: Bucket, upstream: str, tmp_path: Path) -> None:
    """Damage in the store is found from anywhere; what is derived comes back."""
    here = app_at(bucket, tmp_path / "here", upstream)
    there = app_at(bucket, tmp_path / "there", upstream)
    here.ingest("dxterminal", "-p", f"ipfs_gateways={upstream}")
    shown(there.run("catalog", "verify"))
    machine = bucket.machine(tmp_path / "looking")
    gone = ["dxterminal_nfts.parquet", "_catalog/published.json"]
    gone += [each.key for each in machine.objects.listed("_catalog/runs")]
    machine.objects.delete(gone)

    said = shown(there.run("catalog", "rebuild"))

    assert "dxterminal_nfts.parquet" in said
    assert len(here.rows("select run_id from meta.runs")) == 1
    assert_store_consistent(bucket, tmp_path / "scratch", settled=True)
    damaged, *_ = (each for each in machine.objects.listed("lake/nft/nfts") if each.size > 2000)
    machine.objects.write(damaged.key, b"x" * damaged.size)
    said = shown(here.run("catalog", "verify"), 1)
    assert "nft.nfts" in said
    assert "checksum" in said


def test_what_needs_a_disk_says_so(bucket: Bucket, upstream: str, tmp_path: Path) -> None:
    """As a matter of configuration."""
    app = app_at(bucket, tmp_path / "here", upstream)

    said = shown(app.run("catalog", "prune", "--keep", "1"), 3)
    assert "works on a data folder on a disk" in said


def test_a_folder_that_cannot_be_reached_says_why(
    bucket: Bucket, upstream: str, tmp_path: Path, unused_port: int
) -> None:
    """Exit codes tell configuration from a store that is down."""
    missing = Bucket(bucket.endpoint, "no-such-bucket")
    down = Bucket(f"http://127.0.0.1:{unused_port}", "any-bucket")

    said = shown(app_at(missing, tmp_path / "one", upstream).run("datasets"), 3)
    assert "there is no such bucket" in said
    said = shown(app_at(down, tmp_path / "two", upstream).run("datasets"), 1)
    assert "cannot be reached" in said
    half = app_at(bucket, tmp_path / "three", upstream, AWS_SECRET_ACCESS_KEY="")
    said = shown(half.run("datasets"), 3)
    assert "AWS_ACCESS_KEY_ID is set and its other half is not" in said


def test_keys_come_from_a_profile(bucket: Bucket, upstream: str, tmp_path: Path) -> None:
    """With its region and the address of the store."""
    app = app_at(bucket, tmp_path / "here", upstream, AWS_PROFILE="lake")
    for name in bucket.environ:
        del app.environment[name]
    folder = app.home / ".aws"
    folder.mkdir()
    (folder / "config").write_text(
        f"[profile lake]\nregion = us-east-1\nendpoint_url = {bucket.endpoint}\n"
    )
    (folder / "credentials").write_text(
        f"[lake]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
    )

    assert json.loads(app.run("datasets", "--json").stdout) == []


def test_killed_ingests_leave_no_half_version(bucket: Bucket, tmp_path: Path) -> None:
    """The next one on the machine begins at once, whatever lock the dead one has left."""
    chance = random.Random()
    with running_sandbox(SandboxOptions(items=600, latency_ms=2)) as url:
        app = app_at(bucket, tmp_path / "here", url)
        for _ in range(5):
            process = app.start("ingest", "nft", "dxterminal", "--full-refresh", "--json")
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.5 + chance.uniform(0.0, 2.0))
            process.kill()
            process.communicate()
            assert_store_consistent(bucket, tmp_path / "scratch")
        app.ingest("dxterminal", "--full-refresh")

    assert_store_consistent(bucket, tmp_path / "scratch")
    assert app.rows("select count(*) as n from nfts") == [{"n": 600}]
    states = {row["state"] for row in app.rows("select distinct state from meta.runs")}
    assert states <= {"succeeded", "interrupted", "partial"}


def test_an_interrupted_ingest_goes_on_on_its_machine_alone(bucket: Bucket, tmp_path: Path) -> None:
    """Others begin anew; nobody holds a target for longer than he works on it."""
    with running_sandbox(SandboxOptions(items=800, latency_ms=500)) as url:
        here, there = (
            app_at(bucket, tmp_path / "here", url),
            app_at(bucket, tmp_path / "there", url),
        )
        process = here.start("ingest", "nft", "dxterminal")
        machine = bucket.machine(tmp_path / "looking")
        wait_for(process, lambda: bool(machine.objects.listed("_catalog/locks")))
        refused = there.run("ingest", "nft", "dxterminal")
        assert "process" in shown(refused, 8)
        wait_for(process, lambda: any(here.home.glob("state/s3/*/_staging/*")))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        assert process.returncode == 130

        (left,) = there.rows("select run_id, state from meta.runs")
        assert left["state"] == "interrupted"
        gone_on = here.ingest("dxterminal")

    assert gone_on["version"] == 1
    assert_store_consistent(bucket, tmp_path / "scratch", settled=True)


def wait_for(process: "subprocess.Popen[bytes]", is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < until, "it never came to that"
        assert process.poll() is None, "the process ended early"
        time.sleep(0.02)


def test_many_targets_are_one_version_in_the_store(bucket: Bucket, tmp_path: Path) -> None:
    """Uploaded side by side, committed by one conditional write; nothing is left over."""
    names = [f"M{number:04}USDT" for number in range(1, 13)]
    with running_sandbox(SandboxOptions(items=1, pairs=len(names))) as url:
        source = {"APP_SOURCES__BINANCE__BASE_URL": url}
        app = app_at(bucket, tmp_path / "here", url, **source)
        words = ("ingest", "crypto", *names, "-p", "interval=1w", "--json")
        found = [json.loads(line) for line in shown(app.run(*words)).splitlines()[: len(names)]]
        assert_store_consistent(bucket, tmp_path / "objects", settled=True)
        again = [json.loads(line) for line in shown(app.run(*words)).splitlines()[: len(names)]]

    assert {each["state"] for each in (*found, *again)} == {"succeeded"}
    assert [each["version"] for each in found] == [1] * len(names)
    (row,) = app.rows(
        "select count(distinct symbol) as symbols, count(*) as n,"
        " count(distinct (symbol, open_time)) as keys from candles"
    )
    assert (row["symbols"], row["n"]) == (len(names), row["keys"])
    assert app.rows('select "runs" from meta.snapshots where version = 1') == [{"runs": len(names)}]
