"""Whole runs with a Redis that is there, that stops, and that never was."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from entrypoints.sandbox import SandboxOptions, running_sandbox
from tests.support.app_process import AppProcess
from tests.support.redis_server import RedisServer, folder

__all__ = ["folder"]  # a fixture
pytestmark = pytest.mark.external_service
ITEMS = 150


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running_sandbox(SandboxOptions(items=ITEMS, latency_ms=10)) as base_url:
        yield base_url


@pytest.fixture
def server(folder: Path) -> Iterator[RedisServer]:
    running = RedisServer(folder)
    yield running
    running.go_on()
    running.kill()


@pytest.fixture
def app(tmp_path: Path, sandbox: str, server: RedisServer) -> AppProcess:
    return AppProcess(tmp_path, sandbox, {"REDIS_URL": server.url})


def cache_warnings(errors: str) -> list[str]:
    """The warnings about the cache in a log of JSON lines."""
    lines = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
    events = [each["event"] for each in lines if each.get("level") == "warning"]
    return [event for event in events if event.startswith("cache.")]


def test_a_second_run_is_answered_by_redis(app: AppProcess) -> None:
    """The embedded file is not even made; figures and purges go to Redis."""
    app.ingest("dxterminal")
    second = app.ingest("dxterminal")
    stats = json.loads(app.run("cache", "stats", "--json").stdout)

    assert second["cache_hits"] > ITEMS * 0.8
    assert not (app.data_dir / ".cache").exists()
    assert stats["store"].startswith("Redis at ")
    assert stats["sources"]["opensea"]["hit_rate"] > 0.3
    assert json.loads(app.run("cache", "purge", "--yes", "--json").stdout)["dropped"] > ITEMS * 0.8
    assert json.loads(app.run("cache", "stats", "--json").stdout)["entries"] == 0


def test_f095_redis_stops_in_the_middle_of_a_run(app: AppProcess, server: RedisServer) -> None:
    """The run publishes all of it, and says once that the store has failed."""
    process = app.start("ingest", "nft", "dxterminal", "--json")
    with Redis(unix_socket_path=str(server.path)) as client:
        while client.dbsize() < ITEMS // 10 and process.poll() is None:
            pass
    server.stop_answering()
    output, _ = process.communicate(timeout=50)
    errors = (app.home / "stderr.txt").read_text()

    assert process.returncode == 0, errors
    assert json.loads(output)["rows"]["nft.nfts"]["published"] == ITEMS
    assert cache_warnings(errors) == ["cache.store_failed"]


def test_f093_redis_is_stopped_before_a_run(app: AppProcess, server: RedisServer) -> None:
    """The embedded store takes its place for this run, with one warning, and the next has Redis."""
    server.stop_answering()
    done = app.run("ingest", "nft", "dxterminal", "--json")
    again = app.run("ingest", "nft", "dxterminal", "--json")

    assert done.returncode == again.returncode == 0, done.stderr.decode()
    assert cache_warnings(done.stderr.decode()) == ["cache.redis_unavailable"]
    assert json.loads(again.stdout)["cache_hits"] > ITEMS * 0.8
    server.go_on()
    assert cache_warnings(app.run("ingest", "nft", "dxterminal").stderr.decode()) == []
    with Redis(unix_socket_path=str(server.path)) as client:
        assert client.dbsize()
