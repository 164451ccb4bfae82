"""The main job, as a user runs it, against the sandbox."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from entrypoints.sandbox import SandboxOptions, expected_counts, running_sandbox
from tests.support.app_process import CANARY, AppProcess

OPTIONS = SandboxOptions(items=450)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running_sandbox(OPTIONS) as base_url:
        yield base_url


@pytest.fixture
def app(tmp_path: Path, sandbox: str) -> AppProcess:
    return AppProcess(tmp_path, sandbox)


def test_ingest_publishes_exactly_what_the_upstream_has(app: AppProcess) -> None:
    """Row counts, statuses, files, catalog and `meta.runs` agree with the sandbox's own count."""
    expected = expected_counts(OPTIONS, "dxterminal")
    summary = app.ingest("dxterminal")

    assert summary["state"] == "succeeded"
    assert summary["rows"]["nft.nfts"]["published"] == expected["nfts"] == 450
    assert summary["rows"]["nft.traits"]["published"] == expected["traits"]
    for name, rows in (("nfts", expected["nfts"]), ("traits", expected["traits"])):
        published = app.data_dir / f"dxterminal_{name}.parquet"
        assert pq.read_metadata(published).num_rows == rows
    statuses = {
        row["metadata_status"]: row["n"]
        for row in app.rows("select metadata_status, count(*) as n from nfts group by all")
    }
    assert statuses == {k: v for k, v in expected["metadata_status"].items() if v}
    run = app.rows("select * from meta.runs")[0]
    assert (run["run_id"], run["state"]) == (summary["run_id"], "succeeded")
    with duckdb.connect(str(app.data_dir / "catalog.duckdb"), read_only=True) as catalog:
        assert catalog.sql("select count(*) from nft.nfts").fetchall() == [(450,)]


def test_a_second_ingest_finds_nothing_new_and_asks_for_little(app: AppProcess) -> None:
    """The rows are the same, so is the version, and metadata comes from the cache."""
    first = app.ingest("dxterminal")
    before = app.rows("select * exclude (_run_id, _fetched_at) from nfts order by all")
    second = app.ingest("dxterminal")

    assert app.rows("select * exclude (_run_id, _fetched_at) from nfts order by all") == before
    assert (second["version"], second["unchanged"]) == (first["version"], True)
    assert second["cache_hits"] > 400
    assert second["requests"] < 50


def test_what_is_carried_over_is_what_was_read(app: AppProcess, tmp_path: Path) -> None:
    """Into an empty folder: the same rows, with the times at which their answers came."""
    first = app.ingest("dxterminal", "--limit", "250")
    folder = tmp_path / "other"
    shutil.copytree(app.data_dir / ".cache", folder / ".cache")
    other = AppProcess(app.home, app.base_url, {"APP_DATA_DIR": str(folder)})
    done = other.run("ingest", "nft", "dxterminal", "--limit", "250", "--json")
    second = json.loads(done.stdout)

    assert (second["carried"], second["cache_hits"], second["requests"]) == (250, 250, 3)
    for same in ("rows", "items", "pages", "tallies", "failures", "total_items"):
        assert second[same] == first[same]
    for table in ("nfts", "traits"):
        sql = f"select * exclude _run_id from {table} order by all"
        assert app.rows(sql) == other.rows(sql)
    assert other.rows("select carried from meta.runs") == [{"carried": 250}]


def test_nothing_is_carried_over_when_it_is_to_be_asked_for(app: AppProcess) -> None:
    """By a full refresh, or since the answers have been purged; both are kept anew."""
    limited = ("dxterminal", "--limit", "50")
    app.ingest(*limited)
    refreshed = app.ingest(*limited, "--full-refresh")
    again = app.ingest(*limited)
    host = f"{app.base_url}/metadata/"
    assert app.run("cache", "purge", "--url-prefix", host, "--yes").returncode == 0
    purged = app.ingest(*limited)

    assert [each["carried"] for each in (refreshed, again, purged)] == [0, 50, 0]
    assert [each["cache_hits"] for each in (refreshed, again, purged)] == [0, 50, 0]
    assert (again["unchanged"], purged["unchanged"]) == (True, True)


def test_offline_builds_the_version_from_the_cache_alone(app: AppProcess) -> None:
    """Nothing is asked; a list that was never fetched is an error that names it."""
    app.ingest("dxterminal", "--limit", "120")
    again = app.ingest("dxterminal", "--limit", "120", "--offline")
    assert (again["requests"], again["items"], again["unchanged"]) == (0, 120, True)

    done = app.run("ingest", "nft", "dxterminal", "--offline")
    assert done.returncode == 1
    assert b"not in the cache" in done.stderr
    assert b"without --offline" in done.stderr


def test_limit_and_two_targets_in_one_command(app: AppProcess) -> None:
    """`--limit` holds exactly, for each target, and both are in the tables."""
    done = app.run("ingest", "nft", "dxterminal", "two-contracts", "--limit", "7")

    assert done.returncode == 0, done.stderr.decode()
    counts = app.rows("select collection, count(*) as n from nfts group by all order by all")
    assert counts[0] == {"collection": "dxterminal", "n": 7}
    assert {row["collection"] for row in counts} == {"dxterminal", "two-contracts"}


@pytest.mark.parametrize(
    "slug", ["two-contracts", "onchain-words", "erc1155-items", "odd-shapes", "empty-collection"]
)
def test_odd_collections_are_ingested_whole(app: AppProcess, slug: str) -> None:
    """Multi-contract, data URIs, id templates, odd shapes and nothing at all."""
    expected = expected_counts(OPTIONS, slug)
    done = app.run("ingest", "nft", slug, "--json")
    rows = json.loads(done.stdout)["rows"]

    assert done.returncode in (0, 6), done.stderr.decode()
    assert rows["nft.nfts"]["published"] == expected["nfts"]
    assert rows["nft.traits"]["published"] == expected["traits"]


def test_many_dead_documents_make_a_run_partial_not_failed(app: AppProcess) -> None:
    """Every NFT is there; its status says why its traits are missing; exit 6."""
    summary = app.ingest("dead-hosts", expected=6)

    assert summary["state"] == "partial"
    assert (
        summary["rows"]["nft.nfts"]["published"] == expected_counts(OPTIONS, "dead-hosts")["nfts"]
    )


def test_a_failed_ingest_leaves_the_old_version(tmp_path: Path) -> None:
    """A list that ends in a loop publishes nothing; what was there is still there."""
    with running_sandbox(OPTIONS) as good:
        app = AppProcess(tmp_path, good)
        app.ingest("dxterminal", "--limit", "50")
    with running_sandbox(SandboxOptions(items=450, faults=("cursor-loop",))) as looping:
        app.base_url = looping
        summary = app.ingest("dxterminal", "--full-refresh", expected=1)

    assert summary["state"] == "failed"
    assert "cursor" in summary["error"]
    assert app.rows("select count(*) as n from nfts") == [{"n": 50}]
    assert [
        run["state"] for run in app.rows("select state from meta.runs order by started_at")
    ] == [
        "succeeded",
        "failed",
    ]


def test_pinned_documents_come_through_the_named_gateway(app: AppProcess) -> None:
    """`ipfs://` addresses are asked of `-p ipfs_gateways`, and kept under their content's name."""
    gateways = ("-p", f"ipfs_gateways={app.base_url}")
    first = app.ingest("pinned-words", *gateways)
    again = app.ingest("pinned-words", *gateways)

    assert first["rows"]["nft.traits"]["published"] == 20
    assert again["cache_hits"] == 20


def test_traits_of_the_list_answer_need_no_further_request(app: AppProcess) -> None:
    """Two requests: the collection and its only page."""
    summary = app.ingest("listed-traits")

    assert summary["rows"]["nft.traits"]["published"] == 20
    assert summary["requests"] == 2


@pytest.mark.parametrize("fault", ["flaky", "truncate", "expired-key", "throttle", "server-errors"])
def test_passing_faults_change_nothing_in_the_data(tmp_path: Path, fault: str) -> None:
    """503 once, a page cut off once, a key that has expired, 429: all rows are there."""
    options = SandboxOptions(items=450, faults=(fault,))
    with running_sandbox(options) as base_url:
        app = AppProcess(tmp_path, base_url, {"OPENSEA_API_KEY": ""})
        summary = app.ingest("dxterminal")

    expected = expected_counts(options, "dxterminal")
    assert summary["rows"]["nft.nfts"]["published"] == expected["nfts"]
    assert summary["rows"]["nft.traits"]["published"] == expected["traits"]


def test_a_list_that_moves_while_it_is_read_gives_every_row_once(tmp_path: Path) -> None:
    """What comes on two pages is counted as such, in the balance of the run and its checks."""
    options = SandboxOptions(items=450, faults=("shifting",))
    with running_sandbox(options) as base_url:
        app = AppProcess(tmp_path, base_url)
        summary = app.ingest("dxterminal")
    expected = expected_counts(options, "dxterminal")
    (check,) = app.rows(
        "select fetched, published, quarantined, deduplicated, passed from meta.checks "
        "where table_name = 'nft.nfts'"
    )

    assert summary["rows"]["nft.nfts"] == {"published": 450, "quarantined": 0, "deduplicated": 2}
    assert summary["rows"]["nft.traits"]["published"] == expected["traits"]
    assert summary["rows"]["nft.traits"]["deduplicated"] > 0
    assert check == {
        "fetched": 452, "published": 450, "quarantined": 0, "deduplicated": 2, "passed": True,
    }  # fmt: skip
    (run,) = app.rows("select rows_published, rows_deduplicated from meta.runs")
    assert run == {
        f"rows_{name}": sum(counts[name] for counts in summary["rows"].values())
        for name in ("published", "deduplicated")
    }


def test_an_upstream_that_is_down_ends_with_its_own_exit_code(tmp_path: Path) -> None:
    """Exit 7; nothing is published, and it says so."""
    with running_sandbox(SandboxOptions(items=900, faults=("list-down",))) as base_url:
        app = AppProcess(tmp_path, base_url)
        summary = app.ingest("dxterminal", expected=7)

    assert summary["state"] == "failed"
    assert not (app.data_dir / "dxterminal_nfts.parquet").exists()


def test_the_key_stands_nowhere(app: AppProcess) -> None:
    """A canary key is found in no output and no file, with logs at their loudest."""
    log = app.home / "logs" / "project.log"
    outputs = [
        app.run("--log-level", "debug", "--log-file", str(log), *command.split())
        for command in (
            "ingest nft dxterminal --limit 30",
            "ingest nft no-such-collection",
            "config show",
            "doctor",
            "cache stats",
            "runs",
            "sources show opensea",
        )
    ]
    shown = b"".join(done.stdout + done.stderr for done in outputs)
    assert log.stat().st_size > 1000
    for path in app.home.rglob("*"):
        if path.is_file():
            shown += path.read_bytes()

    assert CANARY.encode() not in shown


def test_without_a_key_an_instant_one_is_asked_for_and_kept(app: AppProcess) -> None:
    """It is said aloud, kept with mode 0600, and used again by the next run."""
    app.environment = {"OPENSEA_API_KEY": ""}
    first = app.run("ingest", "nft", "dxterminal", "--limit", "5")
    kept = [path for path in (app.home / "state").rglob("*") if path.is_file()]

    assert first.returncode == 0, first.stderr.decode()
    assert b"instant" in first.stderr.lower()
    assert [oct(path.stat().st_mode & 0o777) for path in kept] == ["0o600"]
    before = kept[0].read_bytes()
    assert app.run("ingest", "nft", "dxterminal", "--limit", "5").returncode == 0
    assert kept[0].read_bytes() == before


def test_a_turned_off_instant_key_says_which_variable_to_set(app: AppProcess) -> None:
    """Exit 3, the variable's name, and where a key is to be had."""
    app.environment = {"OPENSEA_API_KEY": "", "APP_OPENSEA__AUTO_KEY": "false"}
    done = app.run("ingest", "nft", "dxterminal")

    assert done.returncode == 3
    assert b"OPENSEA_API_KEY" in done.stderr
    assert b"https://" in done.stderr


def test_a_redis_that_does_not_answer_is_one_warning(app: AppProcess) -> None:
    """The run goes on with the embedded cache."""
    app.environment = {"REDIS_URL": "redis://:hidden-password@127.0.0.1:9/0"}
    done = app.run("ingest", "nft", "dxterminal", "--limit", "20")

    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr.lower().count(b"redis") >= 1
    assert b"hidden-password" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["ingest", "nfts", "dxterminal"], 5, "nft"),
        (["ingest", "nft", "dxterminal", "--source", "opensee"], 5, "opensea"),
        (["ingest", "nft", "no-such-collection"], 5, "no-such-collection"),
        (["ingest", "nft", "../../etc/passwd"], 2, "letters a-z"),
        (["ingest", "nft", "a'; drop table nfts"], 2, "letters a-z"),
        (["ingest", "nft", "dxtermin\u0430l"], 2, "letters a-z"),
        (["ingest", "nft", "dxterminal", "-p", "metadatas=skip"], 5, "metadata"),
        (["ingest", "nft", "dxterminal", "--limit", "-1"], 2, ""),
        (["describe", "nftz"], 5, "nfts"),
        (["query", "select from"], 1, "^"),
        (["query", "select * from runz"], 1, "Nearest tables here: runs"),
        (["query", "copy (select 1) to 'x.csv'"], 1, "read"),
        (["query", "attach 'x.duckdb'"], 1, "read"),
        (["query", "with x as (copy (select 1 as a) to 'x.csv') from x"], 1, "read"),
        (["query", "from read_text('/etc/passwd')"], 1, "read_text"),
        (["query", "select 1", "--format", "cvs"], 2, "csv"),
        (["runs", "nope"], 5, "nope"),
        (["no-such-command"], 2, ""),
    ],
)
def test_bad_input_has_a_clear_end(
    app: AppProcess, arguments: list[str], code: int, words: str
) -> None:
    """The exit code of the contract, a word about what is wrong, and no traceback."""
    done = app.run(*arguments)
    said = done.stderr.decode()

    assert done.returncode == code, said
    assert words in said
    assert "Traceback" not in said
    assert done.stdout == b""
    assert not (app.home / "x.csv").exists()
    assert not (app.home / "x.duckdb").exists()


def test_a_data_folder_of_a_newer_version_is_left_alone(app: AppProcess) -> None:
    """Exit 3, and not a byte of it changes."""
    app.ingest("dxterminal", "--limit", "3")
    manifest = max((app.data_dir / "_catalog" / "v").glob("*.json"))
    newer = manifest.read_text().replace('"format": 1', '"format": 3')
    manifest.write_text(newer)
    for command in (["ingest", "nft", "dxterminal"], ["query", "select 1"], ["datasets"]):
        done = app.run(*command)
        assert done.returncode == 3, done.stderr.decode()
        assert b"newer" in done.stderr

    assert manifest.read_text() == newer


def test_a_file_in_place_of_the_data_folder_is_a_configuration_error(app: AppProcess) -> None:
    """Exit 3, with the path and what to do."""
    app.data_dir.write_text("not a folder")
    done = app.run("ingest", "nft", "dxterminal")

    assert done.returncode == 3, done.stderr.decode()
    assert b"APP_DATA_DIR" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_data_folder_is_a_configuration_error(app: AppProcess) -> None:
    """Exit 3, with the path and what to do."""
    app.data_dir.mkdir()
    app.data_dir.chmod(0o500)
    done = app.run("ingest", "nft", "dxterminal")

    assert done.returncode == 3, done.stderr.decode()


def test_query_reads_stdin_and_files_and_writes_every_format(app: AppProcess) -> None:
    """The same rows in csv, tsv, json, ndjson, markdown, Parquet and Arrow."""
    app.ingest("dxterminal", "--limit", "5")
    sql = "select identifier, trait_count from nfts order by identifier"
    (app.home / "q.sql").write_text(sql)

    piped = app.run("query", stdin=sql.encode())
    assert piped.stdout.splitlines()[0] == b"identifier,trait_count"
    assert len(piped.stdout.splitlines()) == 6
    assert app.run("query", "-f", "q.sql").stdout == piped.stdout
    assert app.run("query", "-", stdin=sql.encode()).stdout == piped.stdout
    assert app.run("query", sql, "--format", "tsv").stdout.startswith(b"identifier\ttrait_count\n")
    assert len(json.loads(app.run("query", sql, "--format", "json").stdout)) == 5
    assert app.run("query", sql, "--format", "ndjson").stdout.count(b"\n") == 5
    assert app.run("query", sql, "--format", "markdown").stdout.startswith(b"| identifier")
    assert app.run("query", sql, "-o", "out.parquet").returncode == 0
    assert pq.read_table(app.home / "out.parquet").num_rows == 5
    bound = app.run(
        "query", "select count(*) from nfts where collection = $c", "-p", "c=dxterminal"
    )
    assert bound.stdout.split() == [b"count_star()", b"5"]
