"""Commands that show what is there: as a table, as tab-separated lines, as JSON."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from application.check_datasets import DatasetCheck
from application.describe_table import TableDescription
from application.list_datasets import DatasetSummary
from application.ports.run_log import RunLog
from domain.coverage import Span
from domain.errors import NotFoundError
from domain.health import Finding, Level
from domain.profiles import ColumnProfile, TableProfile
from domain.runs import FetchStatistics, RowCounts, Run, RunState, run_to_json
from domain.schema import Field, Kind, ListOf, StructOf
from domain.sql_names import sql_type
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE
from tests.support.run_cli import RunCli

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
RUN = Run(
    run_id="01RUN", domain="nft", target="dx", source="opensea", state=RunState.PARTIAL,
    started_at=AT, finished_at=AT + timedelta(seconds=3725), version=3,
    tables={"nft.nfts": RowCounts(5, 4, 1)}, failures={"metadata: timeout": 2},
    statistics=FetchStatistics(requests=1, cache_hits=3), files=("dx_nfts.parquet",),
    notes=("limited to 5 items",),
)  # fmt: skip
DATASET = DatasetSummary(
    "nft.nfts", "dx\x1b[1m", "opensea", 36_600, 1_234_567, 1, "01RUN", AT, None, (), RUN
)
CLOCK = FakeClock(AT + timedelta(hours=5))


class Answers:
    """A use case with one answer."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: list[object] = []

    async def execute(self, *arguments: object) -> object:
        self.asked.append(arguments)
        return self.answer


class FakeRunLog(RunLog):
    """Runs in memory."""

    def __init__(self, *runs: Run) -> None:
        self.runs = runs

    async def save(self, run: Run) -> None:
        self.runs = (run, *self.runs)

    async def all(self) -> Sequence[Run]:
        return self.runs

    async def get(self, run_id: str) -> Run:
        for run in self.runs:
            if run.run_id.startswith(run_id):
                return run
        raise NotFoundError(what="run", name=run_id)


def test_datasets_are_listed(run_cli: RunCli) -> None:
    """A pipe gets exact values and a header; a terminal gets a table that obeys nothing."""
    listing = Answers([DATASET])
    piped = run_cli("datasets", list_datasets=listing, clock=CLOCK)
    shown = run_cli("--no-color", "datasets", list_datasets=listing, clock=CLOCK, terminal=True)

    assert piped.out.splitlines() == [
        "table\ttarget\tsource\trows\tsize\tcommitted\tage\trun\tlast run",
        "nft.nfts\tdx\x1b[1m\topensea\t36600\t1.2 MB\t2026-01-02 03:04:05Z\t5 h\t01RUN\tpartial",
    ]
    assert "36,600" in shown.out
    assert r"dx\x1b[1m" in shown.out


def test_datasets_as_json(run_cli: RunCli) -> None:
    """With exact numbers and ISO times."""
    outcome = run_cli("datasets", "--json", list_datasets=Answers([DATASET]), clock=CLOCK)

    assert json.loads(outcome.out) == [
        {
            "table": "nft.nfts",
            "target": "dx\x1b[1m",
            "source": "opensea",
            "rows": 36600,
            "bytes": 1234567,
            "files": 1,
            "run_id": "01RUN",
            "committed_at": "2026-01-02T03:04:05+00:00",
            "age_seconds": 18_000,
            "complete_until": None,
            "covered": [],
            "gaps": [],
            "last_run": {"run_id": "01RUN", "state": "partial", "unchanged": False},
        }
    ]


def test_an_empty_folder_says_how_to_begin(run_cli: RunCli) -> None:
    """On stderr; JSON is an empty list."""
    assert "Begin with: app ingest" in run_cli("datasets", list_datasets=Answers([])).err
    assert "Begin with: app ingest" in run_cli("runs", run_log=FakeRunLog()).err
    assert json.loads(run_cli("runs", "--json", run_log=FakeRunLog()).out) == []


PROFILE = TableProfile(
    36_600,
    (
        ColumnProfile("identifier", 0, 36_600, is_exact=False, minimum="1", maximum="9999"),
        ColumnProfile("status", 9, 2, minimum="none", maximum="ok", top=(("ok\x1b", 36_000),)),
        ColumnProfile("traits", 36_600),
    ),
)
TABLE = TableDescription(
    "nft.nfts",
    "One row an NFT.",
    ("identifier",),
    [
        Field("identifier", Kind.STRING, "token id"),
        Field("status", Kind.STRING),
        Field("traits", ListOf(Kind.INTEGER)),
    ],
    [DATASET],
    PROFILE,
    [RUN],
    [DatasetCheck("nft.nfts", "dx", "balance", Level.FAILURE, "5 fetched = 3 published")],
)


def test_a_table_is_described(run_cli: RunCli) -> None:
    """Types in SQL's words, meanings, what the columns hold, data sets, runs and checks."""
    describe = Answers(TABLE)
    text = run_cli("describe", "nfts", describe_table=describe, clock=CLOCK)
    shown = run_cli("describe", "nfts", describe_table=describe, clock=CLOCK, terminal=True)

    assert describe.asked[0] == ("nfts", None)
    assert text.out.startswith("nft.nfts: One row an NFT. Key: identifier.\n")
    for line in (
        "identifier\tVARCHAR\ttoken id",
        "identifier\t0 %\tabout 36,600\t1\t9999\t",
        "status\t< 0.1 %\t2\tnone\tok\tok\x1b (36,000)",
        "traits\t100 %\t\t\t\t",
        "01RUN\tdx\tpartial\t2026-01-02 03:04:05Z\t",
        "dx\tbalance\tfailure\t5 fetched = 3 published",
    ):
        assert line in text.out.splitlines(), line
    assert "\x1b (36,000)" not in shown.out


def test_a_table_as_json(run_cli: RunCli) -> None:
    """Everything, exact; `--target` is handed on."""
    describe = Answers(TABLE)
    arguments = ("describe", "nfts", "--target", "dx", "--json")
    found = json.loads(run_cli(*arguments, describe_table=describe, clock=CLOCK).out)

    assert describe.asked[0] == ("nfts", "dx")
    assert found["rows"] == 36_600
    assert found["columns"][1] == {
        "name": "status",
        "type": "VARCHAR",
        "meaning": "",
        "profile": {
            "nulls": 9,
            "distinct": 2,
            "exact": True,
            "min": "none",
            "max": "ok",
            "top": [{"value": "ok\x1b", "count": 36_000}],
        },
    }
    assert found["columns"][2]["type"] == "BIGINT[]"
    assert found["datasets"][0]["rows"] == 36600
    assert found["runs"][0]["state"] == "partial"
    assert found["checks"][0]["level"] == "failure"


def test_gaps_of_a_series_are_shown(run_cli: RunCli) -> None:
    """Spans that are known for good, what lacks between them, and what fills it."""
    day = timedelta(days=1)
    coverage = (Span(None, AT), Span(AT + day, AT + 2 * day))
    table = replace(TABLE, datasets=[replace(DATASET, covered=(coverage,))])
    text = run_cli("describe", "nfts", describe_table=Answers(table), clock=CLOCK)
    found = json.loads(
        run_cli("describe", "nfts", "--json", describe_table=Answers(table), clock=CLOCK).out
    )

    assert "2026-01-02 03:04:05Z\t2026-01-03 03:04:05Z" in text.out
    assert "--backfill" in text.err
    (dataset,) = found["datasets"]
    assert dataset["gaps"] == [
        {"since": "2026-01-02T03:04:05+00:00", "until": "2026-01-03T03:04:05+00:00"}
    ]
    assert [span["since"] for span in dataset["covered"][0]] == [None, "2026-01-03T03:04:05+00:00"]


def test_nested_types_are_spelled_as_duckdb_does() -> None:
    """Structs in lists."""
    nested = ListOf(StructOf((Field("address", Kind.STRING), Field("at", Kind.TIMESTAMP))))

    assert sql_type(nested) == "STRUCT(address VARCHAR, at TIMESTAMPTZ)[]"


def test_runs_are_listed_and_shown(run_cli: RunCli) -> None:
    """All in a line each, one with everything."""
    log = FakeRunLog(RUN, replace(RUN, run_id="02RUN", state=RunState.FAILED, error="HTTP 503"))
    listed = run_cli("runs", run_log=log)
    shown = run_cli("runs", "01", run_log=log)

    assert [line.split("\t")[0] for line in listed.out.splitlines()] == ["run", "01RUN", "02RUN"]
    assert "HTTP 503" in listed.out
    for words in (
        "state\tpartial",
        "took\t1:02:05",
        "cache hits\t3 (75 %)",
        "file\tdx_nfts.parquet",
        "note\tlimited to 5 items",
        "nft.nfts\t5\t4\t1\t0",
        "metadata: timeout\t2",
    ):
        assert words in shown.out, words


def test_a_stopped_run_says_what_it_keeps_and_a_killed_one_not_how_long_it_took(
    run_cli: RunCli,
) -> None:
    """The time until somebody noticed is not the time that it took."""
    stopped = replace(
        RUN, state=RunState.INTERRUPTED, version=None, resumable=True, items=4_062,
        timings={"fetching": 12.0, "other": 0.5}, attempts=2,
    )  # fmt: skip
    killed = replace(stopped, run_id="02RUN", resumable=False, timings={})
    listed = run_cli("runs", run_log=FakeRunLog(stopped, killed)).out.splitlines()
    cells = [dict(zip(listed[0].split("\t"), each.split("\t"), strict=True)) for each in listed[1:]]

    assert [each["state"] for each in cells] == [
        "interrupted, resumable: 4,062 items kept",
        "interrupted",
    ]
    assert [each["took"] for each in cells] == ["12.5 s", ""]


def test_runs_as_json_are_whole(run_cli: RunCli) -> None:
    """A list for all, an object for one; an unknown one is not found."""
    log = FakeRunLog(RUN)

    assert json.loads(run_cli("runs", "--json", run_log=log).out) == json.loads(
        json.dumps([run_to_json(RUN)])
    )
    assert json.loads(run_cli("runs", "01RUN", "--json", run_log=log).out)["run_id"] == "01RUN"
    assert run_cli("runs", "99", run_log=log).code == 5


def test_sources_are_listed_and_shown(run_cli: RunCli, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what one has to know before the first ingest."""
    registry = FakeSourceRegistry(SAMPLE)
    monkeypatch.setenv("APP_SOURCES__SAMPLE__BASE_URL", "http://127.0.0.1:9/x")
    listed = run_cli("sources", "list", registry=registry)
    shown = run_cli("sources", "show", "sample", registry=registry)
    as_json = json.loads(run_cli("sources", "show", "sample", "--json", registry=registry).out)

    assert "test\tsample\tThings in memory\tbuilt-in\tapp ingest test things\n" in listed.out
    assert "address\thttp://127.0.0.1:9/x\n" in shown.out
    assert "test.items\tOne row an item.\n" in shown.out
    assert "flavour\tplain\tchanges nothing\n" in shown.out
    assert as_json["parameters"] == [
        {"name": "flavour", "meaning": "changes nothing", "default": "plain"}
    ]
    assert json.loads(run_cli("sources", "list", "--json", registry=registry).out) == [as_json]


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("binance", "--since and --until; later runs ask for what is new"),
        ("github", "--since; later runs ask for what is new"),
        ("world_bank", "--since and --until; later runs ask for all again"),
        ("opensea", "none: each run reads the whole"),
    ],
)
def test_a_source_tells_which_spans_it_takes(source: str, told: str, run_cli: RunCli) -> None:
    """And whether `--backfill` makes sense."""
    assert f"spans\t{told}\n" in run_cli("sources", "show", source).out
    as_json = json.loads(run_cli("sources", "show", source, "--json").out)
    assert as_json["spans"]["remembers"] == ("all again" not in told)


def test_the_real_source_tells_where_its_key_comes_from(
    run_cli: RunCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set, instant, or to be got."""
    assert "an instant key is asked for" in run_cli("sources", "show", "opensea").out
    monkeypatch.setenv("APP_OPENSEA__AUTO_KEY", "false")
    assert "OPENSEA_API_KEY is not set (needed)" in run_cli("sources", "show", "opensea").out
    monkeypatch.setenv("OPENSEA_API_KEY", "canary")
    shown = run_cli("sources", "show", "opensea").out
    assert "OPENSEA_API_KEY is set" in shown
    assert "600 an hour" in shown
    assert "canary" not in shown


def test_an_unknown_source_is_not_found(run_cli: RunCli) -> None:
    """With a suggestion."""
    outcome = run_cli("sources", "show", "opensee")

    assert outcome.code == 5
    assert "Did you mean opensea" in outcome.err


@pytest.mark.parametrize(("level", "code"), [(Level.OK, 0), (Level.WARNING, 0), (Level.FAILURE, 1)])
def test_the_doctor_fails_only_for_failures(level: Level, code: int, run_cli: RunCli) -> None:
    """Each finding has a mark, and advice where there is any."""
    diagnose = Answers([Finding("cache", level, "detail", "advice")])
    text = run_cli("doctor", diagnose=diagnose)
    as_json = run_cli("doctor", "--json", diagnose=diagnose)

    mark = {"ok": "✓", "warning": "!", "failure": "✗"}[level.value]
    assert (text.code, as_json.code) == (code, code)
    assert text.out == f"{mark} cache: detail\n    advice\n"
    assert json.loads(as_json.out)[0]["level"] == level.value


def test_settings_are_shown_with_their_origin_and_without_keys(
    run_cli: RunCli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As a table and as JSON."""
    key = "canary-0123456789-abcdefgh"
    monkeypatch.setenv("OPENSEA_API_KEY", key)
    monkeypatch.setenv("REDIS_URL", f"redis://:{key}@localhost")
    (tmp_path / "app.toml").write_text("[http]\nconcurrency = 5")
    text = run_cli("--data-dir", "there", "config", "show")
    as_json = run_cli("config", "show", "--json")

    assert "data_dir\tthere\tflag\tAPP_DATA_DIR\n" in text.out
    assert "http.concurrency\t5\tapp.toml\tAPP_HTTP__CONCURRENCY\n" in text.out
    assert "opensea_api_key\t…efgh\tenvironment\tOPENSEA_API_KEY\n" in text.out
    assert "redis_url\tredis://***@localhost\tenvironment\tREDIS_URL\n" in text.out
    assert key not in text.out + as_json.out
    assert {each["name"] for each in json.loads(as_json.out)} >= {"data_dir", "http.contact"}


def test_paths_are_shown(run_cli: RunCli, tmp_path: Path) -> None:
    """Absolute, and whether they exist."""
    (tmp_path / "app.toml").write_text("")
    text = run_cli("config", "path")

    assert f"app.toml\t{tmp_path}/app.toml\tyes\n" in text.out
    assert f"data_dir\t{tmp_path}/output\tno\n" in text.out
    as_json = json.loads(run_cli("config", "path", "--json").out)
    assert as_json[".env"] == f"{tmp_path}/.env"


def test_the_response_cache_is_closed_when_it_was_opened(run_cli: RunCli, tmp_path: Path) -> None:
    """And a command that does not need it does not open it."""
    assert run_cli("datasets").code == 0
    assert not (tmp_path / "output" / ".cache").exists()
    assert run_cli("cache", "stats").code == 0
    assert (tmp_path / "output" / ".cache").exists()


def test_long_lists_are_cut_on_a_terminal_and_nowhere_else(run_cli: RunCli) -> None:
    """Nobody reads ten thousand lines; a program does."""
    log = FakeRunLog(*(replace(RUN, run_id=f"01RUN{number:04}") for number in range(500)))
    listing = Answers([replace(DATASET, target=f"t{number}") for number in range(500)])
    for command, fakes in (
        ("runs", {"run_log": log}),
        ("datasets", {"list_datasets": listing, "clock": CLOCK}),
    ):
        piped = run_cli(command, **fakes)
        shown = run_cli("--no-color", command, terminal=True, **fakes)
        few = run_cli(command, "--limit", "3", **fakes)
        as_json = run_cli(command, "--json", "--limit", "3", terminal=True, **fakes)

        assert len(piped.out.splitlines()) == 501
        assert "more" not in piped.err
        assert shown.err == "… 300 more; `--limit N` shows more.\n"
        assert len(few.out.splitlines()) == 4
        assert few.err == "… 497 more; `--limit N` shows more.\n"
        assert len(json.loads(as_json.out)) == 3
