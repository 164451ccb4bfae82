"""`app sources` lists, shows, makes and tests sources."""

import json
from pathlib import Path

import pytest

from domain.recordings import RECORDED_AT, recorded_response
from domain.requests import Request, Response
from tests.fakes.fake_fetchers import FakeFetcher, FakeFetchers
from tests.support.run_cli import RunCli

URL = "https://ships.invalid/harbours/hamburg/ships"
SHIPS = b'{"data": [{"id": 1, "flag": "de"}, {"id": 2, "flag": "dk"}], "took": 3}'


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _recorded(tmp_path: Path, body: bytes = SHIPS) -> str:
    file = tmp_path / "answer.json"
    file.write_bytes(body)
    return str(file)


def test_a_new_source_is_listed_tested_and_shown(run_cli: RunCli, tmp_path: Path) -> None:
    """One command makes the file and its recording; the others know it at once."""
    made = run_cli(
        "sources", "new", "ships", "--url", URL, "--from", _recorded(tmp_path),
        "--target", "hamburg", "--domain", "harbours",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert "app ingest harbours hamburg\n" in made.out
    assert "read by no column: took" in made.out
    assert (tmp_path / "sources" / "ships.toml").read_text().startswith("#:schema ./source.schema")
    assert (tmp_path / "sources" / "source.schema.json").is_file()

    listed = run_cli("sources", "list")
    assert "\tsources/ships.toml\tapp ingest harbours hamburg\n" in listed.out
    tested = run_cli("sources", "test", "ships", "--json")
    assert tested.code == 0
    assert json.loads(tested.out)["rows"] == {"ships": 2}
    shown = run_cli("sources", "show", "ships")
    assert "app ingest harbours hamburg" in shown.out
    assert "origin\tsources/ships.toml\n" in shown.out
    assert json.loads(run_cli("sources", "show", "usgs", "--json").out)["origin"] == "built-in"


def test_an_address_is_asked_and_its_answer_kept(run_cli: RunCli, tmp_path: Path) -> None:
    """Through the usual client; `--json` says all."""

    def answer(request: Request) -> Response:
        return recorded_response(SHIPS, {}, RECORDED_AT)

    fetchers = FakeFetchers(FakeFetcher(answer))
    done = run_cli("sources", "new", "ships", "--url", URL, "--json", fetchers=fetchers)
    assert done.code == 0, done.err
    said = json.loads(done.out)
    assert said["next"] == "app ingest ships all"
    assert said["key"] == ["id"]
    assert fetchers.closed == 1


def test_the_address_is_asked_for_on_a_terminal(run_cli: RunCli, tmp_path: Path) -> None:
    """Where nobody can answer, the flag is named."""
    file = _recorded(tmp_path)
    asked = run_cli(
        "sources", "new", "ships", "--from", file, stdin=f"{URL}\nhamburg\n".encode(), terminal=True
    )
    assert asked.code == 0, asked.err
    assert "app ingest ships hamburg" in asked.out
    refused = run_cli("sources", "new", "other", "--from", file)
    assert refused.code == 2
    assert "--url" in refused.err


def test_a_source_that_is_wrong_fails_its_test(run_cli: RunCli, tmp_path: Path) -> None:
    """The exit code says so to scripts."""
    run_cli("sources", "new", "ships", "--url", URL, "--from", _recorded(tmp_path))
    file = tmp_path / "sources" / "ships.toml"
    file.write_text(
        file.read_text().replace('name = "flag"\ntype = "text"', 'name = "flag"\ntype = "date"')
    )
    done = run_cli("sources", "test", "ships")
    assert done.code == 1
    assert 'type: flag: a text ("de") does not fit the type date' in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("sources", "test", "nix"), 5, "No source named"),
        (("sources", "test", "usgs"), 5, "tests/recordings/usgs"),
        (("sources", "new", "usgs", "--url", URL, "--from", "answer.json"), 2, "another source"),
        (("sources", "new", "ships", "--url", URL, "--from", "gone.json"), 2, "gone.json"),
        (("sources", "new", "Ships", "--url", URL, "--from", "answer.json"), 2, "no name"),
    ],
)
def test_mistakes_have_codes_and_words(
    run_cli: RunCli, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    """As everywhere in the program."""
    _recorded(tmp_path)
    done = run_cli(*arguments)
    assert done.code == code, done.err
    assert words in done.err


def test_a_page_of_the_web_is_no_answer(run_cli: RunCli, tmp_path: Path) -> None:
    """What to look for stands beside what is wrong."""
    file = _recorded(tmp_path, b"<!doctype html>")
    done = run_cli("sources", "new", "ships", "--url", URL, "--from", file)
    assert done.code == 1
    assert "web page" in done.err
    assert not (tmp_path / "sources").exists()


def test_the_folder_of_sources_can_be_set(
    run_cli: RunCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APP_SOURCES_DIR holds for all commands."""
    monkeypatch.setenv("APP_SOURCES_DIR", "declared")
    run_cli("sources", "new", "ships", "--url", URL, "--from", _recorded(tmp_path))
    assert (tmp_path / "declared" / "ships.toml").is_file()
    assert "ships\tships\t" in run_cli("sources", "list").out


def test_the_schema_is_printed_for_editors(run_cli: RunCli) -> None:
    """JSON Schema, ready for a file."""
    done = run_cli("sources", "schema")
    assert done.code == 0
    assert json.loads(done.out)["$schema"].endswith("2020-12/schema")


def test_examples_in_the_list_work_when_pasted(run_cli: RunCli) -> None:
    """A source that is not its domain's default is named."""
    done = run_cli("sources", "list")
    assert "app ingest crypto BTCUSDT\n" in done.out
    assert "app ingest crypto BTC-USD --source coinbase_exchange\n" in done.out
