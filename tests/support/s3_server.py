"""An S3 of our own: moto's server as a process on loopback."""

import importlib.util
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import pytest

from adapters.catalog.duckdb_version_differ import DuckDbVersionDiffer
from adapters.catalog.sandboxed_query_engine import SandboxedQueryEngine
from adapters.storage.data_folder import DataFolder
from adapters.storage.s3.s3_folder import S3Folder
from adapters.system.system_clock import SystemClock
from domain.bucket_address import BucketAddress

ACCESS_KEY = "AKIACANARY9F8E7D6C5B"
SECRET_KEY = "secret-canary-9f8e7d6c5b4a39281706f5e4"
_ROOM = 1 << 30


@dataclass(frozen=True)
class Bucket:
    """A bucket of its own at the server, and a prefix in it."""

    endpoint: str
    name: str
    prefix: str = "some/prefix"

    @property
    def address(self) -> BucketAddress:
        return BucketAddress(self.name, self.prefix)

    @property
    def environ(self) -> dict[str, str]:
        """What a program needs to reach it."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": "us-east-1",
        }

    def machine(self, home: Path, max_bytes: int = _ROOM) -> "Machine":
        """One that works on the bucket, with a mirror below its home."""
        return Machine(self, home, max_bytes)


class Machine:
    """The adapters of one machine, over a mirror of its own."""

    def __init__(
        self,
        bucket: Bucket,
        home: Path,
        max_bytes: int = _ROOM,
    ) -> None:
        self.mirror = DataFolder(home / "mirror")
        self.remote = S3Folder(
            address=bucket.address,
            mirror=self.mirror,
            clock=SystemClock(),
            max_bytes=max_bytes,
            environ=bucket.environ,
            home=home,
            engine=lambda lake: SandboxedQueryEngine(self.mirror.root, lake),
            differ=lambda: DuckDbVersionDiffer(self.mirror.root),
        )
        self.objects = self.remote._objects
        self.uploads = self.remote._uploads


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The server's address; one server for all tests of a process."""
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("moto[server] is missing, and CI wants it")
        pytest.skip("moto[server] is not installed")
    with running_server() as endpoint:
        yield endpoint


@contextmanager
def running_server() -> Iterator[str]:
    """The address of a server of our own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 30
        while not _answers(endpoint):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("moto's server did not start")
            time.sleep(0.05)
        yield endpoint
    finally:
        process.kill()
        process.wait()


def made_bucket(endpoint: str) -> Bucket:
    """An empty bucket at a server."""
    made = Bucket(endpoint, f"bucket-{secrets.token_hex(4)}")
    request = urllib.request.Request(f"{endpoint}/{made.name}", method="PUT")
    with urllib.request.urlopen(request):
        return made


@pytest.fixture
def bucket(s3_endpoint: str) -> Bucket:
    """An empty bucket."""
    return made_bucket(s3_endpoint)


@pytest.fixture
def machine(bucket: Bucket, tmp_path: Path) -> Machine:
    """A machine that works on the bucket."""
    return bucket.machine(tmp_path / "one")


def _answers(endpoint: str) -> bool:
    try:
        with urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=5):
            return True
    except (URLError, OSError):
        return False


@pytest.fixture
def unused_port() -> int:
    """One at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
