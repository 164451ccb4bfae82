"""`catalog.duckdb` in older clients, with its macros, and below folders with odd names."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from adapters.catalog.catalog_file import CatalogFile
from adapters.catalog.macros.table_macros import table_macros
from adapters.sources.candles import tables as candle_tables
from adapters.sources.nft import tables as nft_tables
from adapters.sources.weather import tables as weather_tables
from domain.errors import StorageError
from domain.manifest import Manifest, TableVersion
from domain.tables import TableSpec
from tests.support.catalog_history import CatalogHistory

_OLDER_CLIENT = shutil.which("duckdb", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
_ARGUMENTS = {
    "gaps": "null, '1h'",
    "moving_averages": "null, '1h', 3",
    "resampled": "null, '1h', '1 day'",
    "returns": "null, '1h'",
}


def _specs(module: object) -> list[TableSpec]:
    return [each for each in vars(module).values() if isinstance(each, TableSpec)]


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a version that has all tables that macros read, without rows."""
    tables = {
        f"{domain}.{spec.name}": TableVersion(spec.schema, spec.key, spec.meaning)
        for domain, module in (
            ("crypto", candle_tables),
            ("stocks", candle_tables),
            ("nft", nft_tables),
            ("weather", weather_tables),
        )
        for spec in _specs(module)
    }
    root = tmp_path_factory.mktemp("catalog")
    CatalogFile(root).build(Manifest(1, tables=tables), [], root / "catalog.duckdb")
    return root / "catalog.duckdb"


def _statements() -> list[str]:
    return [
        f"select count(*) as n from {name}({_ARGUMENTS.get(name.partition('.')[2], '')})"
        for name in table_macros()
    ]


def test_every_macro_is_in_the_file(catalog: Path) -> None:
    """And runs, whoever opens it."""
    with duckdb.connect(str(catalog), read_only=True) as connection:
        for statement in _statements():
            assert connection.execute(statement).fetchall() == [(0,)], statement


def test_an_older_client_opens_it(catalog: Path) -> None:
    """The command-line client, which is of the line before ours."""
    if _OLDER_CLIENT is None:
        pytest.skip("there is no duckdb command: install duckdb-cli")
    done = subprocess.run(
        [_OLDER_CLIENT, "-readonly", "-json", str(catalog), "-c", "; ".join(_statements())],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]

    assert (done.stderr, found) == ("", [[{"n": 0}]] * len(table_macros()))


def test_macros_without_their_tables_are_left_out(tmp_path: Path) -> None:
    """A version without candles has no macros over candles, and is none the worse."""
    nft = {f"nft.{s.name}": TableVersion(s.schema, s.key) for s in _specs(nft_tables)}
    path = tmp_path / "catalog.duckdb"
    CatalogFile(tmp_path).build(Manifest(1, tables=nft), [], path)

    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select function_name from duckdb_functions() where schema_name = 'nft' order by 1"
        ).fetchall()
        assert found == [("overview",), ("rarity",), ("trait_values",)]
        assert connection.execute("select count(*) from nft.rarity()").fetchall() == [(0,)]


@pytest.mark.parametrize(
    "name", ["a?b", "a*b", "a[b]c", "a[b", "a]b", "a\\b", "it's", "ä {a,b} $x"]
)
def test_folders_with_odd_names(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wildcard in the folder's name means itself; a neighbour that it would match is not read.

    DuckDB opens no file by a path with a question mark or a backslash; a copy of it opens.
    """
    for other in ("axb", "abc"):
        CatalogHistory(tmp_path / other).add("01RUNOTHER", items=9)
    history = CatalogHistory(tmp_path / name)
    history.add("01RUN00001", items=3)
    history.add("01RUN00002", "other", items=2)

    copy = shutil.copyfile(history.folder.catalog_file, tmp_path / "copy.duckdb")
    with duckdb.connect(str(copy), read_only=True) as connection:
        assert connection.execute("select count(*) from test.items").fetchall() == [(5,)]


def test_a_folder_that_duckdb_cannot_name(tmp_path: Path) -> None:
    """There is no way to write it; the error says what to do, and the version is committed."""
    history = CatalogHistory(tmp_path / "a\\b*c")
    with pytest.raises(StorageError, match="Rename the folder"):
        history.add("01RUN00001", items=3)

    assert asyncio.run(history.manifests.latest()).version == 1


def test_a_forgotten_log_hinders_neither_us_nor_the_next_publication(tmp_path: Path) -> None:
    """Somebody wrote into the file that was replaced: his log lies beside ours, whole or torn."""
    history = CatalogHistory(tmp_path / "output")
    history.add("01RUN00001", items=3)
    path = history.folder.catalog_file
    wal = path.with_name(path.name + ".wal")
    script = (
        "import duckdb, sys\n"
        f"c = duckdb.connect({str(path)!r})\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "c.execute('create table mine as select 1 as x')\n"
        "print('written', flush=True)\n"
        "sys.stdin.readline()\n"
    )
    user = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert user.stdin is not None
    assert user.stdout is not None
    with user.stdin, user.stdout:
        assert user.stdout.readline() == "ready\n"
        history.add("01RUN00002", items=4)
        user.stdin.write("\n")
        assert user.stdout.readline() == "written\n"
        user.kill()
        user.wait()
    assert wal.exists()

    history.add("01RUN00003", items=5)
    assert not wal.exists()
    with duckdb.connect(str(path), read_only=True) as connection:
        assert connection.execute("select count(*) from test.items").fetchall() == [(5,)]

    wal.write_bytes(b"torn")
    history.add("01RUN00004", items=6)
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("select count(*) from test.items").fetchall() == [(6,)]
