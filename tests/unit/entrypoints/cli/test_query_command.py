"""`app query`: where the SQL comes from, and where the result goes."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from application.ports.query_engine import Query
from application.ports.result_writer import Layout, Written
from application.query_catalog import CatalogVersion
from domain.errors import PipelineError, QueryError, QueryTimeoutError, StatementRefusedError
from domain.manifest import Manifest
from tests.support.run_cli import RunCli

SQL = "select 1"


class FakeCatalog:
    """Writes what it is told and remembers what it was asked."""

    def __init__(
        self,
        content: bytes = b"a\n1\n",
        *,
        error: BaseException | None = None,
        truncated: bool = False,
        version: int = 1,
    ) -> None:
        self._content = content
        self._error = error
        self._truncated = truncated
        self._version = CatalogVersion(Manifest(version=version), ())
        self.asked: list[tuple[Query, Layout]] = []

    async def latest(self) -> CatalogVersion:
        return self._version

    def execute(
        self, version: CatalogVersion, query: Query, layout: Layout, sink: BinaryIO
    ) -> Written:
        assert version is self._version
        self.asked.append((query, layout))
        sink.write(self._content)
        if self._error:
            raise self._error
        return Written(1000, self._truncated)


def _asked(catalog: FakeCatalog) -> tuple[Query, Layout]:
    assert len(catalog.asked) == 1
    return catalog.asked[0]


@pytest.mark.parametrize(
    ("arguments", "stdin"),
    [
        ([SQL], b""),
        (["-"], SQL.encode()),
        ([], b"\xef\xbb\xbf" + SQL.encode()),
        (["-f", "-"], b"select 1"),
    ],
)
def test_sql_comes_from_an_argument_or_stdin(
    arguments: Sequence[str], stdin: bytes, run_cli: RunCli
) -> None:
    """A dash, or nothing, means stdin; a byte order mark is not SQL."""
    catalog = FakeCatalog()
    outcome = run_cli("query", *arguments, stdin=stdin, query_catalog=catalog)

    assert outcome.code == 0
    assert _asked(catalog)[0].sql == SQL


def test_sql_comes_from_a_file(run_cli: RunCli, tmp_path: Path) -> None:
    """`-f FILE`."""
    (tmp_path / "q.sql").write_text(SQL)
    catalog = FakeCatalog()

    assert run_cli("query", "-f", "q.sql", query_catalog=catalog).code == 0
    assert _asked(catalog)[0].sql == SQL


@pytest.mark.parametrize(
    ("arguments", "stdin", "told"),
    [
        ([SQL, "-f", "x.sql"], b"", "not both"),
        (["-f", "missing.sql"], b"", "cannot be read: No such file"),
        ([], b"", "stdin is empty"),
        ([" \n"], b"", "The SQL is empty"),
        (["-"], b"\xff", "stdin is not UTF-8"),
        ([SQL, "-o", "x.docx"], b"", "the suffix tells no format"),
        ([SQL, "-o", "no/folder/x.csv"], b"", "is not a file in an existing folder"),
        ([SQL, "-o", "."], b"", "the suffix tells no format"),
        ([SQL, "-p", "x"], b"", "is not name=value"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    arguments: Sequence[str], stdin: bytes, told: str, run_cli: RunCli
) -> None:
    """Code 2, and nothing is asked."""
    catalog = FakeCatalog()
    outcome = run_cli("query", *arguments, stdin=stdin, query_catalog=catalog)

    assert outcome.code == 2
    assert told in outcome.err
    assert catalog.asked == []


def test_a_terminal_without_sql_is_not_read(run_cli: RunCli) -> None:
    """Nobody waits for input without knowing."""
    outcome = run_cli("query", terminal=True, query_catalog=FakeCatalog())

    assert outcome.code == 2
    assert "There is no SQL" in outcome.err


def test_a_pipe_gets_csv_and_nothing_else(run_cli: RunCli) -> None:
    """Exact bytes, all rows, no width."""
    catalog = FakeCatalog()
    outcome = run_cli("query", SQL, query_catalog=FakeCatalog(b"a\r\n\x1b\r\n"))
    run_cli("query", SQL, "--limit", "5", "--no-header", "--null", "-", query_catalog=catalog)

    assert (outcome.out, outcome.err) == ("a\r\n\x1b\r\n", "")
    assert _asked(catalog)[1] == Layout("csv", 5, header=False, null="-", width=None)


def test_a_terminal_gets_a_bounded_table(run_cli: RunCli) -> None:
    """1,000 rows, cut to the width, NULL spelled out, and a word on stderr when there are more."""
    catalog = FakeCatalog(truncated=True)
    outcome = run_cli("query", SQL, terminal=True, query_catalog=catalog)

    assert _asked(catalog)[1] == Layout("table", 1000, header=True, null="NULL", width=200)
    assert outcome.out == "a\n1\n"
    assert "… more rows; 1,000 are shown. `--limit N` shows more." in outcome.err


def test_a_terminal_obeys_nothing_in_the_data(run_cli: RunCli) -> None:
    """Control characters are spelled out in every text format; letters stay."""
    for format_ in ("table", "csv", "json"):
        catalog = FakeCatalog("ü\x1b[2J\x9b\u202e\t🎉\r\n".encode())
        outcome = run_cli("query", SQL, "--format", format_, terminal=True, query_catalog=catalog)
        assert outcome.out == "ü\\x1b[2J\\x9b\\u202e\t🎉\n"


def test_binary_formats_refuse_a_terminal(run_cli: RunCli) -> None:
    """A pipe or a file may have them."""
    catalog = FakeCatalog(b"PAR1")
    refused = run_cli(
        "query", SQL, "--format", "parquet", terminal=True, query_catalog=FakeCatalog()
    )
    piped = run_cli("query", SQL, "--format", "parquet", query_catalog=catalog)

    assert (refused.code, refused.out) == (2, "")
    assert "use -o FILE" in refused.err
    assert (piped.code, piped.out) == (0, "PAR1")


@pytest.mark.parametrize(
    ("name", "format_"),
    [
        ("x.csv", "csv"),
        ("x.TSV", "tsv"),
        ("x.json", "json"),
        ("x.ndjson", "ndjson"),
        ("x.jsonl", "ndjson"),
        ("x.md", "markdown"),
        ("x.parquet", "parquet"),
        ("x.txt", "table"),
    ],
)
def test_the_suffix_tells_the_format(name: str, format_: str, run_cli: RunCli) -> None:
    """`-o x.parquet` needs no `--format`."""
    catalog = FakeCatalog()
    outcome = run_cli("query", SQL, "-o", name, query_catalog=catalog)

    assert (outcome.code, outcome.out) == (0, "")
    assert _asked(catalog)[1].format == format_
    assert f"1,000 rows written to {name}" in outcome.err
    assert Path(name).read_bytes() == b"a\n1\n"


def test_a_failed_query_leaves_the_file_as_it_was(run_cli: RunCli, tmp_path: Path) -> None:
    """No half result, no draft."""
    (tmp_path / "x.csv").write_text("before")
    catalog = FakeCatalog(error=QueryError("out of memory"))
    outcome = run_cli("query", SQL, "-o", "x.csv", query_catalog=catalog)

    assert outcome.code == 1
    assert (tmp_path / "x.csv").read_text() == "before"
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*.part"))


def test_a_file_has_the_mode_that_the_umask_gives(run_cli: RunCli, tmp_path: Path) -> None:
    """It is not private only because it was a draft; a link goes on pointing at its target."""
    (tmp_path / "real.csv").write_text("before")
    (tmp_path / "link.csv").symlink_to("real.csv")
    before = os.umask(0o027)
    try:
        run_cli("query", SQL, "-o", "new.csv", query_catalog=FakeCatalog())
        run_cli("query", SQL, "-o", "link.csv", query_catalog=FakeCatalog())
    finally:
        os.umask(before)

    assert (tmp_path / "new.csv").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "a\n1\n"


def test_a_full_disk_is_a_storage_error(run_cli: RunCli) -> None:
    """Devices are written to directly."""
    outcome = run_cli(
        "query", SQL, "-o", "/dev/full", "--format", "csv", query_catalog=FakeCatalog()
    )

    assert outcome.code == 1
    assert "error: /dev/full cannot be written: No space left on device." in outcome.err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (QueryError("Parser Error: x\n\nLINE 1: selec 1\n        ^"), 1),
        (StatementRefusedError("Refused: COPY."), 1),
        (QueryTimeoutError("The query took longer than 1 s."), 124),
    ],
)
def test_sql_errors_keep_their_caret(error: PipelineError, code: int, run_cli: RunCli) -> None:
    """The message stands as DuckDB wrote it."""
    outcome = run_cli("query", SQL, query_catalog=FakeCatalog(b"", error=error))

    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err == f"error: {error}\n"


def test_an_empty_catalog_says_how_to_begin(run_cli: RunCli) -> None:
    """A missing table is no wonder then."""
    catalog = FakeCatalog(b"", error=QueryError("Table nfts does not exist"), version=0)
    outcome = run_cli("query", "from nfts", query_catalog=catalog)

    assert outcome.code == 1
    assert "Begin with: app ingest nft dxterminal" in outcome.err


def test_limits_and_parameters_reach_the_engine(run_cli: RunCli) -> None:
    """Values are bound, never pasted."""
    catalog = FakeCatalog()
    run_cli(
        "query", "select $a", "-p", "a=1; drop", "--timeout", "2.5", "--memory", "500MB",
        query_catalog=catalog,
    )  # fmt: skip

    assert _asked(catalog)[0] == Query("select $a", {"a": "1; drop"}, 2.5, "500MB")
