"""Tables in a real PostgreSQL: whole, exact, repeatable, and without a trace of the password."""

import json
import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.export.postgres_exporter import PostgresExporter
from application.ports.table_exporter import TableExporter
from domain.errors import ConfigurationError, ExportError, UsageError
from tests.contracts.table_exporter_contract import (
    AT,
    ROWS,
    TableExporterContract,
    outgoing,
)
from tests.support.app_process import AppProcess
from tests.support.catalog_history import CatalogHistory
from tests.support.postgres_server import (
    PASSWORD,
    Database,
    database,
    postgres_port,
)

pytestmark = pytest.mark.external_service
__all__ = ["database", "postgres_port"]
_SLOW_EXPORT = """
import sys, time
from contextlib import contextmanager
from adapters.export.postgres_exporter import PostgresExporter
from tests.contracts.table_exporter_contract import ROWS, SampleResult, outgoing
from dataclasses import replace

class Slow(SampleResult):
    def batches(self):
        for batch in super().batches():
            yield batch
            print("half", flush=True)
            time.sleep(60)

@contextmanager
def rows():
    yield Slow(ROWS)

PostgresExporter(sys.argv[1]).export([replace(outgoing(), rows=rows)])
"""


class TestPostgresExporter(TableExporterContract):
    """The contract, against the server."""

    @pytest.fixture(autouse=True)
    def _at(self, database: Database) -> None:
        self.database = database

    @pytest.fixture
    def exporter(self) -> TableExporter:
        return PostgresExporter(self.database.url())

    def stored(self, name: str) -> list[tuple[Any, ...]] | None:
        try:
            found = self.database.rows(f"select * from {name}")
        except psycopg.errors.UndefinedTable:
            return None
        return [(*row[:-1], _with_moments(row[-1])) for row in found]


def _with_moments(parts: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
    """JSON has text for a moment."""
    return parts and [{**each, "at": datetime.fromisoformat(each["at"])} for each in parts]


def _relations(database: Database) -> list[str]:
    found = database.rows(
        "select nspname || '.' || relname from pg_class join pg_namespace n "
        "on n.oid = relnamespace where nspname in ('test', 'nft') and relkind = 'r' order by 1"
    )
    return [name for (name,) in found]


def test_types_and_comments(database: Database) -> None:
    """Lists of scalars are arrays, the rest that is nested is jsonb."""
    PostgresExporter(database.url()).export([outgoing()])
    columns = database.rows(
        "select column_name, udt_name, col_description('test.items'::regclass, ordinal_position)"
        " from information_schema.columns where table_name = 'items' order by ordinal_position"
    )
    ((comment,),) = database.rows("select obj_description('test.items'::regclass)")

    assert columns == [
        ("id", "text", "its name"),
        ("count", "int8", "it's a number"),
        ("share", "float8", None),
        ("is_good", "bool", None),
        ("at", "timestamptz", None),
        ("day", "date", None),
        ("labels", "_text", None),
        ("parts", "jsonb", None),
    ]
    assert comment == ("One row an item.\n\nVersion 7 of test.items. [automated-data-pipeline]")


def test_what_postgresql_cannot_hold_is_replaced_and_told(database: Database) -> None:
    """NUL in a text, in a list, in JSON; infinities in a column stay numbers."""
    part = {"name": "n\0", "at": AT}
    row = ("a\0b", 1, float("inf"), True, AT, date(2026, 1, 2), ["\0"], [part])
    (exported,) = PostgresExporter(database.url()).export([outgoing(rows=[row])])
    ((name, share, labels, parts),) = database.rows(
        "select id, share, labels, parts from test.items"
    )

    assert exported.notes == ("3 values had the character NUL; U+FFFD stands there",)
    assert (name, share, labels) == ("a\ufffdb", float("inf"), ["\ufffd"])
    assert parts[0]["name"] == "n\ufffd"


def test_a_table_of_somebody_else_stays(database: Database) -> None:
    """Also one of ours whose comment was changed, and anything that is no table."""
    exporter = PostgresExporter(database.url())
    database.rows("create schema test")
    database.rows("create table test.items as select 1 as mine")
    with pytest.raises(UsageError, match="--force"):
        exporter.export([outgoing()])
    assert database.rows("select * from test.items") == [(1,)]

    PostgresExporter(database.url(), force=True).export([outgoing()])
    assert database.rows("select count(*) from test.items") == [(len(ROWS),)]

    database.rows("create view test.seen as select 1 as mine")
    with pytest.raises(UsageError, match="no table"):
        PostgresExporter(database.url(), force=True).export([outgoing("test.seen")])
    assert _relations(database) == ["test.items"]


def test_grants_hold_for_the_new_table(database: Database) -> None:
    """Whoever could read yesterday can read today."""
    exporter = PostgresExporter(database.url())
    exporter.export([outgoing()])
    role = f"reader_{database.name}"
    database.rows(f"create role {role}")
    database.rows(f"grant select on test.items to {role} with grant option")
    database.rows("grant select on test.items to public")
    before = database.rows("select relacl::text from pg_class where relname = 'items'")
    exporter.export([outgoing()])
    after = database.rows("select relacl::text from pg_class where relname = 'items'")
    database.rows(f"drop owned by {role}")
    database.rows(f"drop role {role}")

    def grants(acl: list[tuple[Any, ...]]) -> set[str]:
        return set(acl[0][0].strip("{}").split(","))

    assert grants(after) == grants(before)
    assert any(each.startswith(f"{role}=r*") for each in grants(after))


def test_what_depends_on_a_table_is_named_and_kept(database: Database) -> None:
    """A view on the old table would be lost with it."""
    exporter = PostgresExporter(database.url())
    exporter.export([outgoing()])
    database.rows("create view test.good as select id from test.items where is_good")
    with pytest.raises(ExportError, match=r"view test\.good depends"):
        exporter.export([outgoing()])

    assert database.rows("select * from test.good") == [("one",)]
    assert _relations(database) == ["test.items"]


def test_racing_exports_take_turns(database: Database) -> None:
    """Each of them ends well, also the first two of an empty database."""

    def export(rows: int) -> int:
        exporter = PostgresExporter(database.url())
        (exported,) = exporter.export([outgoing(rows=ROWS[:rows])])
        return exported.rows

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(export, [1, 2, 3, 4])) == [1, 2, 3, 4]

    ((count,),) = database.rows("select count(*) from test.items")
    assert count in {1, 2, 3, 4}
    assert _relations(database) == ["test.items"]


def test_a_killed_export_leaves_the_old_table(database: Database) -> None:
    """And nothing beside it: the server forgets what was not committed."""
    exporter = PostgresExporter(database.url())
    exporter.export([outgoing(rows=ROWS[:1])])
    root = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOW_EXPORT, database.url()],
        stdout=subprocess.PIPE,
        cwd=root,
        env=os.environ | {"PYTHONPATH": f"{root / 'src'}:{root}"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"half\n"
    assert database.rows("select count(*) from test.items") == [(1,)]
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    exporter.export([outgoing()])

    assert database.rows("select count(*) from test.items") == [(len(ROWS),)]
    assert _relations(database) == ["test.items"]


def test_readers_who_stay_for_long_are_not_thrown_out(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The export gives up instead, and says why."""
    monkeypatch.setattr("adapters.export.postgres_exporter._SWAP", "200ms")
    exporter = PostgresExporter(database.url())
    exporter.export([outgoing(rows=ROWS[:1])])
    with database.connect() as reader, reader.transaction():
        reader.execute("select * from test.items")
        with pytest.raises(ExportError, match="using the table for too long"):
            exporter.export([outgoing()])
        assert reader.execute("select count(*) from test.items").fetchall() == [(1,)]


def test_wrong_passwords_missing_rights_and_databases(database: Database) -> None:
    """Exit 3: the operator has to act."""
    role = f"weak_{database.name}"
    database.rows(f"create role {role} login password '{PASSWORD}'")
    weak = database.url(user=role)
    nowhere = database.url().replace(database.name, "no_such_database")
    for url, words in (
        (database.url("wrong-secret-5d1"), "password authentication failed"),
        (weak, "permission denied for database"),
        (nowhere, "does not exist"),
    ):
        with pytest.raises(ConfigurationError, match=words) as caught:
            PostgresExporter(url).export([outgoing()])
        assert "wrong-secret-5d1" not in str(caught.value)
        assert PASSWORD not in str(caught.value)
    database.rows(f"drop role {role}")


def test_a_server_that_is_away(unused: int) -> None:
    """Said with its address, without the password."""
    url = f"postgresql://me:{PASSWORD}@127.0.0.1:{unused}/x"
    with pytest.raises(ExportError, match=rf"postgresql://me@127\.0\.0\.1:{unused}/x") as caught:
        PostgresExporter(url).export([outgoing()])
    assert PASSWORD not in str(caught.value)


@pytest.fixture
def unused() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.parametrize(
    "url", ["mysql://x", "postgresql://u:%zz@h/db", f"postgresql://u:{PASSWORD}@h:port:1/x?no=1"]
)
def test_urls_that_are_none(url: str) -> None:
    """The message does not repeat them."""
    with pytest.raises(UsageError, match="--to") as caught:
        PostgresExporter(url)
    assert PASSWORD not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.fixture
def app(tmp_path: Path) -> AppProcess:
    process = AppProcess(tmp_path)
    history = CatalogHistory(process.data_dir)
    history.add("01RUNONE", items=3)
    history.add("01RUNTWO", "other", items=5)
    return process


def _everything_written(folder: Path) -> bytes:
    return b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())


def test_the_command_loads_a_domain_and_tells_no_password(
    app: AppProcess, database: Database
) -> None:
    """Neither in what it says, nor in its log, nor in the data folder."""
    done = app.run(
        "--log-level", "debug", "--log-file", "run.log",
        "export", "test", "--to", database.url(),
    )  # fmt: skip
    said = done.stdout + done.stderr

    assert done.returncode == 0, said
    assert b"8 rows of test.items written to PostgreSQL" in said
    assert _relations(database) == ["test.details", "test.items"]
    assert PASSWORD.encode() not in said + _everything_written(app.home)


def test_the_password_comes_from_where_libpq_looks(app: AppProcess, database: Database) -> None:
    """The environment, and a service file; a wrong one is not told either."""
    app.environment["PGPASSWORD"] = PASSWORD
    first = app.run("export", "items", "--target", "other", "--to", database.url(None))
    del app.environment["PGPASSWORD"]
    service = app.home / "services.conf"
    service.write_text(
        f"[mine]\nhost=127.0.0.1\nport={database.port}\nuser=loader\n"
        f"dbname={database.name}\npassword={PASSWORD}\n"
    )
    app.environment["PGSERVICEFILE"] = str(service)
    second = app.run(
        "export", "items", "--where", "id = '00001'", "--to", "postgresql://?service=mine"
    )
    rows = database.rows("select count(*) from test.items")
    service.write_text(service.read_text().replace(PASSWORD, "wrong-secret-5d1"))
    third = app.run("export", "items", "--to", "postgresql://?service=mine")

    assert b"5 rows of test.items" in first.stderr, first.stderr
    assert second.returncode == 0, second.stderr
    assert rows == [(2,)]
    assert third.returncode == 3
    assert b"password authentication failed" in third.stderr
    assert b"wrong-secret-5d1" not in third.stderr


def test_the_rows_are_those_that_a_query_answers(app: AppProcess, database: Database) -> None:
    """Every value, by way of JSON."""
    app.run("export", "items", "--to", database.url())
    asked = app.rows("select id, name, status, _run_id from items order by id, _run_id")
    found = database.rows(
        "select json_build_object('id', id, 'name', name, 'status', status, '_run_id', _run_id)"
        " from test.items order by id, _run_id"
    )
    assert json.loads(json.dumps([each for (each,) in found])) == asked
