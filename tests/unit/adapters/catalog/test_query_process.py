"""The process of a statement: how it ends, and what it can reach."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from adapters.catalog.query_process.frames import EndedError, Kind, packed, read_frame
from adapters.catalog.query_process.limits import memory_bytes
from adapters.catalog.sandboxed_query_engine import SandboxedQueryEngine
from application.ports.query_engine import Query
from domain.errors import QueryError, QueryTimeoutError, StatementRefusedError, UsageError
from tests.unit.adapters.catalog.conftest import Catalog

_ENDLESS = "select count(*) from range(10000000) a, range(10000000) b"


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _worker_of(engine: SandboxedQueryEngine) -> int:
    (worker,) = engine._waiting
    return worker._process.pid


@pytest.fixture
def cold(catalog: Catalog) -> SandboxedQueryEngine:
    """An engine of its own without workers that wait."""
    return SandboxedQueryEngine(catalog.root)


def test_a_worker_that_waits_is_used_once(catalog: Catalog, cold: SandboxedQueryEngine) -> None:
    """It is gone after its statement, with all that it had."""
    cold.warm_up()
    cold.warm_up()
    process = _worker_of(cold)
    with cold.run(Query("select 1"), catalog.manifest, []) as result:
        assert sum(batch.num_rows for batch in result.batches()) == 1
        assert _alive(process)
    assert not _alive(process)
    assert not cold._waiting


def test_workers_that_wait_are_ended_when_nobody_needs_them(cold: SandboxedQueryEngine) -> None:
    """No process is left."""
    cold.warm_up()
    process = _worker_of(cold)
    cold.close()

    assert not _alive(process)


def test_a_worker_that_died_while_it_waited_is_replaced(
    catalog: Catalog, cold: SandboxedQueryEngine
) -> None:
    """The statement does not notice."""
    cold.warm_up()
    (worker,) = cold._waiting
    worker._process.kill()
    worker._process.wait()
    with cold.run(Query("select 1"), catalog.manifest, []) as result:
        assert sum(batch.num_rows for batch in result.batches()) == 1


def test_a_process_that_is_killed_is_a_query_error(
    catalog: Catalog, cold: SandboxedQueryEngine
) -> None:
    """As the system does when memory is short; it says what to do."""
    cold.warm_up()
    process = _worker_of(cold)
    timer = threading.Timer(0.5, os.kill, (process, signal.SIGKILL))
    timer.start()
    with (
        pytest.raises(QueryError, match="--memory"),
        cold.run(Query(_ENDLESS, timeout=30), catalog.manifest, []) as result,
    ):
        list(result.batches())
    timer.join()


def test_a_process_that_hangs_is_killed(catalog: Catalog, cold: SandboxedQueryEngine) -> None:
    """Though the engine's own limit does nothing any more."""
    cold.warm_up()
    process = _worker_of(cold)
    query = Query("from range(1000000000)", timeout=0.5)
    with cold.run(query, catalog.manifest, []) as result:
        os.kill(process, signal.SIGSTOP)
        with pytest.raises(QueryTimeoutError):
            list(result.batches())
    assert not _alive(process)


def test_a_slow_reader_is_not_a_slow_query(catalog: Catalog, cold: SandboxedQueryEngine) -> None:
    """Only time that is spent waiting for the process counts."""
    query = Query("from range(60000)", timeout=0.4)
    with cold.run(query, catalog.manifest, []) as result:
        batches = result.batches()
        rows = next(batches).num_rows
        threading.Event().wait(3)  # longer than the limit and its grace together
        assert rows + sum(batch.num_rows for batch in batches) == 60_000


_PARENT = """
import os, sys, time
from adapters.catalog.query_process.worker import QueryWorker
worker = QueryWorker()
print(worker._process.pid, flush=True)
time.sleep(60)
"""


def test_a_process_ends_with_the_program_that_began_it() -> None:
    """Even if that is killed."""
    root = Path(__file__).parents[4]
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
    ) as parent:
        assert parent.stdout is not None
        process = int(parent.stdout.readline())
        assert _alive(process)
        parent.kill()
    for _ in range(200):
        if not _alive(process):
            break
        threading.Event().wait(0.05)
    assert not _alive(process)


@pytest.mark.parametrize("bound", ["max_rows", "max_bytes"])
def test_results_are_bounded(catalog: Catalog, bound: str) -> None:
    """By rows and by bytes, whoever asks for it."""
    limits: dict[str, Any] = {bound: 1000}
    with pytest.raises(QueryError, match="more than 1,000"):
        catalog.rows("select i, i as j from range(30000) r(i)", **limits)
    assert len(catalog.rows("select 1 from range(10)", **limits)) == 10


@pytest.mark.parametrize(
    ("text", "amount"),
    [("512MB", 512_000_000), ("2 GiB", 2 << 30), ("1.5kb", 1500), ("1TB", 10**12)],
)
def test_amounts_of_memory(text: str, amount: int) -> None:
    """As DuckDB writes them."""
    assert memory_bytes(text) == amount
    assert memory_bytes("50%") * 2 == pytest.approx(memory_bytes("100%"), rel=0.01)


@pytest.mark.parametrize("text", ["", "much", "12", "-1GB", "0MB", "1 XB", "9999999GB"])
def test_what_is_no_amount_of_memory(text: str) -> None:
    """Told with an example."""
    with pytest.raises(UsageError, match="512MB"):
        memory_bytes(text)


class TestFrames:
    """Messages arrive whole or not at all."""

    def test_a_message_may_come_in_parts(self) -> None:
        content = bytearray(packed(Kind.ROWS, 5) + b"abcde" + packed(Kind.END, 0))

        def read(_: int) -> bytes:
            found = bytes(content[:1])
            del content[:1]
            return found

        assert read_frame(read) == (Kind.ROWS, b"abcde")
        assert read_frame(read) == (Kind.END, b"")
        with pytest.raises(EndedError):
            read_frame(read)

    def test_half_a_message_is_an_end(self) -> None:
        parts = [packed(Kind.ROWS, 5), b"abc"]
        with pytest.raises(EndedError):
            read_frame(lambda _: parts.pop(0) if parts else b"")


class TestOwnFiles:
    """`--allow-path` opens files for reading, in that one query."""

    @pytest.fixture
    def files(self, tmp_path: Path) -> Path:
        folder = tmp_path / "mine"
        (folder / "deep").mkdir(parents=True)
        (folder / "a.csv").write_text("x,y\n1,2\n")
        (folder / "deep" / "b.csv").write_text("x,y\n3,4\n")
        (folder / "c.json").write_text('[{"x": 5}]')
        (tmp_path / "secret.csv").write_text("x\n9\n")
        (folder / "link.csv").symlink_to(tmp_path / "secret.csv")
        return folder

    @pytest.mark.parametrize(
        ("sql", "rows"),
        [
            ("select x from read_csv('{}/a.csv')", [(1,)]),
            ("select x from '{}/a.csv'", [(1,)]),
            ("select x from read_csv_auto('{}/deep/b.csv')", [(3,)]),
            ("select x from read_json('{}/c.json')", [(5,)]),
            ("select distinct x from '{}/a.csv', items where id is not null", [(1,)]),
            ("select count(*) from read_text('{}/a.csv')", [(1,)]),
        ],
    )
    def test_a_folders_files_can_be_read(
        self, catalog: Catalog, files: Path, sql: str, rows: list[tuple[int]]
    ) -> None:
        """Beside the tables of the catalog."""
        assert catalog.rows(sql.format(files), allowed_paths=(files,)) == rows

    def test_one_file_is_one_file(self, catalog: Catalog, files: Path) -> None:
        """Its neighbours stay closed."""
        allowed = (files / "a.csv",)
        assert catalog.rows(f"from '{files}/a.csv'", allowed_paths=allowed) == [(1, 2)]
        for other in ("deep/b.csv", "link.csv", "../secret.csv"):
            with pytest.raises(QueryError):
                catalog.rows(f"from read_csv('{files}/{other}')", allowed_paths=allowed)

    @pytest.mark.parametrize(
        "sql",
        [
            "from read_csv('{}/link.csv')",
            "from read_csv('{}/../secret.csv')",
            "from read_text('/etc/passwd')",
            "from read_csv('/etc/passwd')",
            "from '/etc/passwd'",
        ],
    )
    def test_nothing_else_opens(self, catalog: Catalog, files: Path, sql: str) -> None:
        """Links do not lead out of the folder."""
        with pytest.raises(QueryError):
            catalog.rows(sql.format(files), allowed_paths=(files,))

    @pytest.mark.parametrize(
        "sql",
        [
            "copy items to '{}/a.csv'",
            "with x as (copy (select 1) to '{}/a.csv') from x",
            "attach '{}/x.duckdb' as x",
        ],
    )
    def test_nothing_can_be_written(self, catalog: Catalog, files: Path, sql: str) -> None:
        """Not even to the files that may be read."""
        with pytest.raises(StatementRefusedError):
            catalog.rows(sql.format(files), allowed_paths=(files,))
        assert (files / "a.csv").read_text() == "x,y\n1,2\n"

    def test_the_next_query_cannot_read_them(self, catalog: Catalog, files: Path) -> None:
        """It is as closed as ever."""
        catalog.rows(f"from '{files}/a.csv'", allowed_paths=(files,))
        with pytest.raises(QueryError):
            catalog.rows(f"from read_csv('{files}/a.csv')")

    def test_a_path_that_is_not_there_is_a_usage_error(
        self, catalog: Catalog, tmp_path: Path
    ) -> None:
        """Before anything runs; a pipe is no file either."""
        os.mkfifo(tmp_path / "pipe")
        for name, told in (("nothing.csv", "not there"), ("pipe", "neither a file nor a folder")):
            with pytest.raises(UsageError, match=told):
                catalog.rows("select 1", allowed_paths=(tmp_path / name,))
