"""Two machines with one data folder: a copy of the folder stands for the mount of another one."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support.app_process import AppProcess
from tests.support.redis_server import RedisServer, folder

__all__ = ["folder"]  # a fixture
pytestmark = pytest.mark.external_service


@pytest.fixture
def server(folder: Path) -> Iterator[RedisServer]:
    running = RedisServer(folder)
    yield running
    running.kill()


def test_machines_exclude_each_other_and_a_dead_one_is_forgotten(
    tmp_path: Path, server: RedisServer
) -> None:
    """Exit 8 names the holder; after its death the key expires, and the next run goes on."""
    with running_sandbox(SandboxOptions(items=300, latency_ms=20)) as base_url:
        for machine in ("one", "two"):
            (tmp_path / machine).mkdir()
        one = AppProcess(tmp_path / "one", base_url, {"REDIS_URL": server.url})
        one.ingest("dxterminal", "--limit", "1")
        shutil.copytree(one.data_dir, tmp_path / "two" / "output")
        two = AppProcess(tmp_path / "two", base_url, {"REDIS_URL": server.url})
        redis = Redis(unix_socket_path=str(server.path), decode_responses=True)

        holder = one.start("ingest", "nft", "dxterminal", "--concurrency", "1")
        try:
            while not (keys := redis.keys("run-lock:*:nft:dxterminal")):
                assert holder.poll() is None, holder.communicate()
            refused = two.run("ingest", "nft", "dxterminal")
        finally:
            holder.send_signal(signal.SIGKILL)
            holder.communicate()

        assert refused.returncode == 8, refused.stderr.decode()
        assert f"process {holder.pid} on ".encode() in refused.stderr
        assert 0 < redis.pttl(keys[0]) <= 30_000
        redis.pexpire(keys[0], 1)  # the rest of its half minute
        assert two.ingest("dxterminal")["state"] == "succeeded"
        assert not redis.keys("run-lock:*")
