"""`app export`: where to, what of, and what must not be lost."""

import gzip
import json
from pathlib import Path

import duckdb
import pyarrow.ipc
import pyarrow.parquet as pq
import pytest

from domain.errors import ExportError
from tests.fakes.fake_table_exporter import FakeTableExporter
from tests.support.catalog_history import CatalogHistory
from tests.support.run_cli import Outcome, RunCli


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> CatalogHistory:
    """Version 1 has 3 items of `things`; version 2 also 2 of `other`, written later."""
    made = CatalogHistory(tmp_path_factory.mktemp("export") / "output")
    made.add("01RUN00001", items=3)
    made.add("01RUN00002", "other", items=2)
    return made


@pytest.fixture
def export(history: CatalogHistory, run_cli: RunCli, tmp_path: Path) -> RunCli:
    """`export("items", "-o", "x.csv")` in the temporary folder."""

    def run(*arguments: str, **replaced: object) -> Outcome:
        given = [
            str(tmp_path / each) if before == "-o" else each
            for before, each in zip(("", *arguments), arguments, strict=False)
        ]
        return run_cli("--data-dir", str(history.root), "export", *given, **replaced)

    return run


@pytest.mark.parametrize(
    "name", ["x.parquet", "x.csv", "x.csv.gz", "x.ndjson", "x.arrow", "x.duckdb"]
)
def test_each_format_has_the_rows(export: RunCli, tmp_path: Path, name: str) -> None:
    """Of all targets, in the order in which they are stored."""
    outcome = export("test.items", "-o", name)
    path = tmp_path / name
    assert outcome.code == 0, outcome.err
    assert outcome.out == ""
    assert outcome.err == f"5 rows of test.items written to {path}\n"
    match name.partition(".")[2]:
        case "parquet":
            found = pq.read_table(path).column("id").to_pylist()
        case "arrow":
            found = pyarrow.ipc.open_file(str(path)).read_all().column("id").to_pylist()
        case "duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                found = [row[0] for row in connection.execute("from test.items").fetchall()]
        case "ndjson":
            found = [json.loads(line)["id"] for line in path.read_text().splitlines()]
        case _:
            text = gzip.decompress(path.read_bytes()) if name.endswith("gz") else path.read_bytes()
            found = [line.partition(b",")[0].decode() for line in text.splitlines()[1:]]

    assert sorted(map(str, found)) == ["00000", "00000", "00001", "00001", "00002"]


def test_a_domain_goes_into_one_database(export: RunCli, tmp_path: Path) -> None:
    """With a schema of its name."""
    outcome = export("test", "-o", "all.duckdb")

    assert outcome.code == 0, outcome.err
    with duckdb.connect(str(tmp_path / "all.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from test.details").fetchall() == [(10,)]


@pytest.mark.parametrize("name", ["x.csv", "x.duckdb"])
def test_some_rows_of_some_version(export: RunCli, tmp_path: Path, name: str) -> None:
    """A target, a condition, an older version."""
    for arguments, rows in (
        (["--target", "other"], 2),
        (["--where", "id = '00001' -- one"], 2),
        (["--at", "1"], 3),
        (["--at", "1", "--where", "id < '00002'"], 2),
    ):
        outcome = export("items", "-o", name, "--force", *arguments)
        assert outcome.code == 0, outcome.err
        assert outcome.err.startswith(f"{rows} rows of test.items"), arguments


def test_nothing_is_replaced_unasked(export: RunCli, tmp_path: Path) -> None:
    """A file stays what it is without `--force`."""
    for name in ("x.csv", "x.duckdb"):
        (tmp_path / name).write_text("mine")
        outcome = export("items", "-o", name)
        assert (outcome.code, (tmp_path / name).read_text()) == (2, "mine")
        assert "--force" in outcome.err
        assert export("items", "-o", name, "--force").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["items"], 2, "Say where to"),
        (["items", "-o", "x.csv", "--to", "postgresql://h/d"], 2, "Say where to"),
        (["items", "-o", "x.xlsx"], 2, ".parquet, .arrow"),
        (["items", "-o", "x.md"], 2, "the suffix tells no format"),
        (["items", "-o", "x.parquet.gz"], 2, "not compressed again"),
        (["test", "-o", "x.csv"], 2, "holds one table"),
        (["itms", "-o", "x.csv"], 5, "Did you mean items"),
        (["items", "-o", "x.csv", "--target", "thing"], 5, "Did you mean things"),
        (["items", "-o", "x.csv", "--at", "77"], 5, "77"),
        (["items", "-o", "no/such/x.csv"], 2, "no folder"),
        (["items", "-o", "no/such/x.duckdb"], 2, "no folder"),
        (["items", "-o", "x.csv", "--where", "nothing = 1"], 1, "nothing"),
        (["items", "-o", "x.duckdb", "--where", "1) union select"], 1, "rror"),
        (["items", "--to", "mysql://h/d"], 2, "postgresql://"),
    ],
)
def test_orders_that_cannot_be(
    export: RunCli, tmp_path: Path, arguments: list[str], code: int, words: str
) -> None:
    """Said in words, and no file is left behind."""
    outcome = export(*arguments)

    assert (outcome.code, outcome.out) == (code, ""), outcome.err
    assert words in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_a_condition_cannot_write(export: RunCli, tmp_path: Path) -> None:
    """It passes the gate that every query passes."""
    sql = f"true) union all (with x as (copy (select 1) to '{tmp_path}/y.csv') from x"
    outcome = export("items", "-o", "x.csv", "--where", sql)

    assert outcome.code == 1
    assert list(tmp_path.iterdir()) == []


def test_notes_are_told_and_addresses_are_not(export: RunCli) -> None:
    """What had to be changed on the way matters; the URL may hold a password."""
    exporter = FakeTableExporter(notes=("2 values are different",))
    outcome = export(
        "items", "--to", "postgresql://me:secret@h/d",
        postgres_exporter=lambda *_, **__: exporter,
    )  # fmt: skip

    assert outcome.code == 0, outcome.err
    assert "note: test.items: 2 values are different" in outcome.err
    assert "secret" not in outcome.err


def test_nothing_is_there_yet(run_cli: RunCli, tmp_path: Path) -> None:
    """And what to do about it."""
    outcome = run_cli("--data-dir", str(tmp_path), "export", "nft", "-o", str(tmp_path / "x.csv"))

    assert outcome.code == 5
    assert "app ingest nft dxterminal" in outcome.err


def test_a_failure_at_the_destination(export: RunCli) -> None:
    """Ends with 1."""
    exporter = FakeTableExporter(ExportError("away"))
    outcome = export("items", "-o", "x.duckdb", duckdb_exporter=lambda *_, **__: exporter)

    assert (outcome.code, outcome.err) == (1, "error: away\n")


def test_the_client_library_may_be_missing(export: RunCli, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL is an extra; the error says which."""
    monkeypatch.setattr("entrypoints.container.find_spec", lambda name: None)
    outcome = export("items", "--to", "postgresql://h/d")

    assert outcome.code == 3
    assert "automated-data-pipeline[postgres]" in outcome.err
