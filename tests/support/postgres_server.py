"""A PostgreSQL server of our own on loopback, in a temporary folder."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

USER = "loader"
PASSWORD = "canary-pg-7c1f0a9e"


@dataclass(frozen=True)
class Database:
    """A database of its own at the server."""

    port: int
    name: str

    def url(self, password: str | None = PASSWORD, user: str = USER) -> str:
        """For `--to`; without a password it has to come from elsewhere."""
        secret = "" if password is None else f":{password}"
        return f"postgresql://{user}{secret}@127.0.0.1:{self.port}/{self.name}"

    def connect(self, user: str = USER) -> psycopg.Connection[tuple[Any, ...]]:
        """A session of somebody else."""
        conninfo = make_conninfo(self.url(user=user))
        return psycopg.connect(conninfo, autocommit=True)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What a statement answers; nothing where it has no result."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []


def programs() -> Path | None:
    """The folder of `initdb` and `postgres`; Debian keeps it off the PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _who() -> dict[str, Any]:
    """The server refuses to run as root."""
    if os.getuid() != 0:
        return {}
    known = {each.pw_name for each in pwd.getpwall()}
    account = pwd.getpwnam("postgres" if "postgres" in known else "nobody")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


@contextmanager
def running_postgres(folder: Path) -> Iterator[int]:
    """The port of a server whose superuser is `loader`."""
    found = programs()
    assert found is not None
    who = _who()
    if who:
        os.chown(folder, who["user"], who["group"])
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    data = folder / "data"
    subprocess.run(
        [
            *(found / "initdb", "-D", data, "-U", USER, "--pwfile", secret, "-E", "UTF8"),
            *("--locale=C", "--auth=scram-sha-256", "--no-sync"),
        ],
        check=True,
        capture_output=True,
        cwd=folder,
        timeout=50,
        **who,
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = subprocess.Popen(
        [
            *(found / "postgres", "-D", data, "-k", folder, "-p", str(port)),
            *("-h", "127.0.0.1", "-c", "fsync=off", "-c", "max_connections=30"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        **who,
    )
    try:
        deadline = time.monotonic() + 30
        while not _answers(Database(port, "postgres")):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("postgres did not start")
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(database: Database) -> bool:
    try:
        database.rows("select 1")
    except psycopg.OperationalError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    """One server for all tests of a process."""
    if programs() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("postgresql is missing, and CI wants it")
        pytest.skip("postgresql is not installed")
    with (
        tempfile.TemporaryDirectory(prefix="adp-pg-") as name,
        running_postgres(Path(name)) as port,
    ):
        yield port


@pytest.fixture
def database(postgres_port: int) -> Database:
    """An empty database."""
    name = f"db_{time.monotonic_ns()}"
    Database(postgres_port, "postgres").rows(f"create database {name}")
    return Database(postgres_port, name)
