"""`app query`: where the SQL comes from, and where the result goes."""

import errno
import gzip
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest
import zstandard

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
        written: Written | None = None,
        version: int = 1,
    ) -> None:
        self._content = content
        self._error = error
        self._written = written or Written(1000, truncated=False)
        self._version = CatalogVersion(Manifest(version=version), ())
        self.asked: list[tuple[Query, Layout]] = []

    async def latest(self) -> CatalogVersion:
        return self._version

    def close(self) -> None:
        pass

    def execute(
        self, version: CatalogVersion, query: Query, layout: Layout, sink: BinaryIO
    ) -> Written:
        assert version is self._version
        self.asked.append((query, layout))
        sink.writelines(memoryview(line) for line in self._content.splitlines(keepends=True))
        if self._error:
            raise self._error
        return self._written


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
        (["-f", "latin.sql"], b"", "latin.sql is not UTF-8"),
        ([SQL, "-o", "x.docx"], b"", "the suffix tells no format"),
        ([SQL, "-o", "no/folder/x.csv"], b"", "there is no folder"),
        ([SQL, "-o", ".", "--csv"], b"", "is a folder"),
        ([SQL, "-o", "x.parquet.gz"], b"", "is not compressed again"),
        ([SQL, "--csv", "--json"], b"", "one format, not csv and json"),
        ([SQL, "--format", "xml"], b"", "'xml' is not one of"),
        ([SQL, "--columns", "narrow"], b"", "'narrow' is not one of"),
        ([SQL, "--limit", "-1"], b"", "greater than or equal to 0"),
        ([SQL, "--allow-path", "mine.csv"], b"", "no such file or folder"),
        (["-f", "."], b"", "cannot be read: Is a directory"),
        ([SQL, "-p", "a=1", "-p", "a=2"], b"", "-p a is given twice"),
        ([SQL, "-p", "x"], b"", "is not name=value"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    arguments: Sequence[str], stdin: bytes, told: str, run_cli: RunCli
) -> None:
    """Code 2, and nothing is asked."""
    Path("latin.sql").write_bytes("select 'é'".encode("latin-1"))
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
    assert _asked(catalog)[1] == Layout("csv", 5, header=False, null="-")


def test_a_terminal_gets_a_bounded_table(run_cli: RunCli) -> None:
    """1,000 rows, cut to the width, NULL spelled out, and a word on stderr when there are more."""
    catalog = FakeCatalog(written=Written(1000, truncated=True, hidden=2, more=24_500))
    outcome = run_cli("query", SQL, terminal=True, query_catalog=catalog)

    assert _asked(catalog)[1] == Layout("table", 1000, width=200, count_more=True)
    assert outcome.out == "a\n1\n"
    assert "… 24,500 more rows; 1,000 are shown. `--limit N` shows more." in outcome.err
    assert "… 2 more columns. `--columns wide` or `--line` shows them." in outcome.err
    assert re.search(r"^1,000 rows in \d+ ms$", outcome.err, re.MULTILINE)


def test_more_rows_than_can_be_counted_are_more_rows(run_cli: RunCli) -> None:
    """A number that was asked for needs no word."""
    told = Written(1000, truncated=True, more=None)
    shown = run_cli("query", SQL, terminal=True, query_catalog=FakeCatalog(written=told))
    asked = run_cli(
        "query", SQL, "--limit", "1000", terminal=True, query_catalog=FakeCatalog(written=told)
    )

    assert "… more rows; 1,000 are shown." in shown.err
    assert "more rows" not in asked.err


@pytest.mark.parametrize(
    ("option", "format_"),
    [
        ("--csv", "csv"),
        ("--tsv", "tsv"),
        ("--json", "json"),
        ("--nl", "ndjson"),
        ("--md", "markdown"),
        ("--line", "line"),
    ],
)
def test_formats_have_short_options(option: str, format_: str, run_cli: RunCli) -> None:
    """Beside `--format`, with which they agree."""
    catalog = FakeCatalog()
    outcome = run_cli("query", SQL, option, "--format", format_, query_catalog=catalog)

    assert (outcome.code, outcome.err) == (0, "")
    assert _asked(catalog)[1].format == format_


def test_a_table_is_as_wide_as_it_is_told(run_cli: RunCli) -> None:
    """The terminal's width on a terminal, any width elsewhere, unless said."""
    widths = []
    for arguments, terminal in (
        ([], True),
        (["--columns", "wide"], True),
        ([], False),
        (["--columns", "fit"], False),
    ):
        catalog = FakeCatalog()
        run_cli(
            "query", SQL, "--format", "table", *arguments, terminal=terminal, query_catalog=catalog
        )
        widths.append(_asked(catalog)[1].width)

    assert widths == [200, None, None, 200]


def test_types_can_be_shown(run_cli: RunCli) -> None:
    """Under the names."""
    catalog = FakeCatalog()
    run_cli("query", SQL, "--types", terminal=True, query_catalog=catalog)

    assert _asked(catalog)[1].types


def test_a_dash_is_stdout(run_cli: RunCli) -> None:
    """`-o -` writes what no `-o` writes."""
    outcome = run_cli("query", SQL, "-o", "-", query_catalog=FakeCatalog())

    assert (outcome.code, outcome.out, outcome.err) == (0, "a\n1\n", "")


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
        ("x.arrow", "arrow-file"),
        ("x.feather", "arrow-file"),
        ("x.arrows", "arrow"),
    ],
)
def test_the_suffix_tells_the_format(name: str, format_: str, run_cli: RunCli) -> None:
    """`-o x.parquet` needs no `--format`."""
    catalog = FakeCatalog()
    outcome = run_cli("query", SQL, "-o", name, query_catalog=catalog)

    assert (outcome.code, outcome.out) == (0, "")
    assert _asked(catalog)[1].format == format_
    assert f"1,000 rows written to {name}" in outcome.err
    assert _asked(catalog)[1].width is None
    assert Path(name).read_bytes() == b"a\n1\n"


@pytest.mark.parametrize(
    ("name", "unpacked"),
    [
        ("x.csv.gz", gzip.decompress),
        ("x.ndjson.GZ", gzip.decompress),
        ("x.csv.zst", lambda data: zstandard.ZstdDecompressor().stream_reader(data).read()),
    ],
)
def test_text_is_compressed_as_the_suffix_says(
    name: str, unpacked: Callable[[bytes], bytes], run_cli: RunCli
) -> None:
    """The same rows give the same bytes."""
    run_cli("query", SQL, "-o", name, query_catalog=FakeCatalog())
    first = Path(name).read_bytes()
    run_cli("query", SQL, "-o", name, query_catalog=FakeCatalog())

    assert unpacked(first) == b"a\n1\n"
    assert Path(name).read_bytes() == first


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
    """Devices are written to directly; a file that finds no room is as it was."""
    outcome = run_cli("query", SQL, "-o", "/dev/full", "--csv", query_catalog=FakeCatalog())

    assert outcome.code == 1
    assert "error: /dev/full cannot be written: No space left on device." in outcome.err

    Path("x.csv").write_text("before")
    full = FakeCatalog(error=OSError(errno.ENOSPC, "No space left on device"))
    outcome = run_cli("query", SQL, "-o", "x.csv", query_catalog=full)
    assert outcome.code == 1
    assert "x.csv cannot be written: No space left on device." in outcome.err
    assert Path("x.csv").read_text() == "before"


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
    Path("real.csv").touch()
    Path("mine.csv").symlink_to("real.csv")
    run_cli(
        "query", "select $a", "-p", "a=1; drop", "-p", "b=x=y", "--timeout", "2.5",
        "--memory", "500MB", "--allow-path", "mine.csv", "--allow-path", "..",
        query_catalog=catalog,
    )  # fmt: skip

    paths = (Path.cwd() / "mine.csv", Path.cwd().parent)
    parameters = {"a": "1; drop", "b": "x=y"}
    assert _asked(catalog)[0] == Query("select $a", parameters, 2.5, "500MB", paths)
