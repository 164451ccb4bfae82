"""A canary for a key: upstreams send it back, and then it is looked for everywhere."""

import base64
import json
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit

import msgspec
import pytest
import zstandard

from tests.support.app_process import AppProcess
from tests.support.recording_server import Answer, Answers, RecordingServer, recording_server

CANARY = "canary/9f8e7d6c+5b4a3928==1706f5e4d3c2"
INSTANT = {
    "api_key": CANARY,
    "expires_at": "9999-01-01T00:00:00+00:00",
    "rate_limits": {"read": "6000/m"},
}
_SHORTEST = 16
READS = (
    "runs",
    "cache stats",
    "config show",
    "doctor",
    "sources show opensea",
    "query select * from meta.runs",
    "query select * from nfts",
)


def _stranger(path: str, received: str) -> Answer:
    """Metadata; what it was asked is sent back, in an error too."""
    document = json.dumps({"name": path, "description": received}).encode()
    if path.startswith("/broken/"):
        return 404, {"Cache-Control": "max-age=600"}, document
    return 200, {}, document


def _source(stranger_url: str) -> Answers:
    """The source's API; the slug says what is wrong with it."""
    echo = json.dumps({"errors": [f"Invalid API key {CANARY}"], "key": CANARY}).encode()
    kept = {"Cache-Control": "max-age=600", "X-Echo": CANARY, "X-Api-Key": CANARY}

    def answers(path: str, _received: str) -> Answer:
        if path == "/api/v2/auth/keys":
            return 201, kept, json.dumps(INSTANT).encode()
        slug = urlsplit(path).path.removesuffix("/nfts").rpartition("/")[2]
        if slug == "moved":
            return 302, {"Location": f"{stranger_url}/taken?{CANARY}", **kept}, echo
        if slug.startswith("status-"):
            return int(slug.removeprefix("status-")), kept, echo
        is_list = urlsplit(path).path.endswith("/nfts")
        if slug == "words" or (is_list and slug == "list-of-words"):
            return 200, kept, echo
        if not is_list:
            return 200, kept, json.dumps({"collection": slug, "unique_item_count": 4}).encode()
        nfts = [
            {"identifier": str(number), "contract": "0xaa", "metadata_url": stranger_url + where}
            for number, where in enumerate(["/a", "/b", "/broken/c", "/broken/d"])
        ]
        return 200, kept, json.dumps({"nfts": nfts}).encode()

    return answers


@pytest.fixture(scope="module")
def stranger() -> Iterator[RecordingServer]:
    with recording_server(_stranger) as server:
        yield server


@pytest.fixture(scope="module")
def source(stranger: RecordingServer) -> Iterator[RecordingServer]:
    with recording_server(_source(stranger.url)) as server:
        yield server


def _spellings() -> set[bytes]:
    """The key, long parts of it, and what encodings make of it; in lower case."""
    key = CANARY.encode()
    middles = [base64.b64encode(b"\0" * skip + key)[8:-8] for skip in range(3)]
    whole = {
        key,
        key[:_SHORTEST],
        key[-_SHORTEST:],
        quote(CANARY, safe="").encode(),
        "".join(f"%{byte:02x}" for byte in key).encode(),
        key.hex().encode(),
        CANARY.replace("/", "\\/").encode(),
        *middles,
        *(each.replace(b"+", b"-").replace(b"/", b"_") for each in middles),
    }
    return {each.lower() for each in whole}


def _assert_clean(places: dict[str, bytes]) -> None:
    found = {
        (name, spelling.decode())
        for name, content in places.items()
        for spelling in _spellings()
        if spelling in content.lower()
    }
    assert found == set()


def _files(home: Path) -> dict[str, bytes]:
    """Every file, and the stored answers of every cache in plain."""
    files = {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}
    stored = [path for path in home.rglob("*") if _has_entries(path)]
    assert stored, "no cache was found"
    for path in stored:
        with closing(sqlite3.connect(path)) as database:
            for key, value in database.execute("select key, value from entries"):
                _, _, variants, _, _ = msgspec.msgpack.decode(value)
                assert variants, "the answer cannot be read"
                plain = [_plain(part) for variant in variants for part in variant]
                files[f"{path}:{key}"] = b"\n".join(plain)
    return files


def _plain(part: object) -> bytes:
    """A member of a stored answer; bodies may be compressed."""
    if not isinstance(part, bytes):
        return repr(part).encode()
    compressed = part.startswith(zstandard.MAGIC_NUMBER.to_bytes(4, "little"))
    return zstandard.decompress(part) if compressed else part


def _has_entries(path: Path) -> bool:
    if not path.is_file() or not path.read_bytes().startswith(b"SQLite format 3"):
        return False
    with closing(sqlite3.connect(path)) as database:
        named = "select 1 from sqlite_master where name = 'entries'"
        return database.execute(named).fetchone() is not None


def _command_line(process: subprocess.Popen[bytes]) -> bytes:
    """What `ps` shows of a process that is under way."""
    path = Path(f"/proc/{process.pid}/cmdline")
    until = time.monotonic() + 20
    while b"ingest" not in (shown := path.read_bytes()):
        assert time.monotonic() < until
        time.sleep(0.005)
    return shown


@pytest.fixture
def app(tmp_path: Path, source: RecordingServer) -> AppProcess:
    return AppProcess(tmp_path, source.url, {"OPENSEA_API_KEY": CANARY})


def _loud(app: AppProcess, *command: str) -> subprocess.CompletedProcess[bytes]:
    log = app.home / "logs" / "project.log"
    return app.run("--log-level", "debug", "--log-file", str(log), *command)


def test_f033_f120_f121_f126_a_key_that_is_sent_back_stands_nowhere(
    app: AppProcess, source: RecordingServer, stranger: RecordingServer
) -> None:
    """Only its source gets it, whatever that answers; no file and no output holds it."""
    places: dict[str, bytes] = {}
    outcomes: dict[str, int] = {}
    slugs = ["things", "moved", "words", "list-of-words"]
    slugs += [f"status-{status}" for status in (400, 401, 403, 404, 410, 422, 500)]
    for slug in slugs:
        done = _loud(app, "ingest", "nft", slug, "--json")
        places[f"ingest {slug}"] = done.stdout + done.stderr
        outcomes[slug] = done.returncode
    for command in READS:
        word, _, rest = command.partition(" ")
        done = _loud(app, word, *([rest] if word == "query" else rest.split()))
        places[command] = done.stdout + done.stderr
    run = app.rows("select run_id from meta.runs limit 1")[0]["run_id"]
    done = _loud(app, "runs", run)
    places["runs ID"] = done.stdout + done.stderr

    assert outcomes["things"] == 6
    assert all(code not in (0, 6) for slug, code in outcomes.items() if slug != "things")
    assert any(CANARY in each for each in source.received)
    assert len(stranger.received) >= 4
    assert not any("/taken" in each for each in stranger.received)
    assert app.rows("select count(*) as n from nfts where metadata_status = 'ok'") == [{"n": 2}]
    places["strangers"] = "".join(stranger.received).encode()
    _assert_clean(places | _files(app.home))
    assert (app.home / "logs" / "project.log").stat().st_size > 1000


def test_f120_f126_an_instant_key_stands_in_its_own_file_alone(app: AppProcess) -> None:
    """It is handed out in a body, kept with mode 0600, and masked wherever it comes back."""
    app.environment = {"OPENSEA_API_KEY": ""}
    places: dict[str, bytes] = {}
    for slug in ("things", "status-404", "words", "moved"):
        done = _loud(app, "ingest", "nft", slug, "--json")
        places[slug] = done.stdout + done.stderr
    places |= _files(app.home)
    holders = [
        path
        for path in (app.home / "state").rglob("*")
        if path.is_file() and CANARY.encode() in path.read_bytes()
    ]

    assert [oct(path.stat().st_mode & 0o777) for path in holders] == ["0o600"]
    _assert_clean({name: places[name] for name in places.keys() - set(map(str, holders))})


def test_f122_f124_a_key_stands_on_no_command_line(app: AppProcess) -> None:
    """Neither on that of the command nor on that of a process that it starts."""
    process = app.start("ingest", "nft", "things")
    shown = _command_line(process)
    process.communicate(timeout=40)

    _assert_clean({"command line": shown})


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    """Plain, in base64 at any offset, and percent-encoded."""
    for text in (
        CANARY,
        quote(CANARY, safe=""),
        base64.b64encode(f"u:{CANARY}".encode()).decode(),
        json.dumps({"a": CANARY[:20]}),
    ):
        with pytest.raises(AssertionError):
            _assert_clean({"x": text.encode()})
