"""`app sandbox` and `app demo` as a person meets them."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from entrypoints.sandbox import SERVED
from tests.support.run_cli import RunCli


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_faults_are_listed(run_cli: RunCli) -> None:
    """With what each one does."""
    outcome = run_cli("sandbox", "--faults", "list")

    assert outcome.code == 0
    assert "throttle\t" in outcome.out


def test_an_unknown_fault_is_a_usage_error(run_cli: RunCli) -> None:
    """The message lists those that there are."""
    outcome = run_cli("sandbox", "--faults", "slow,gremlins")

    assert outcome.code == 2
    assert "gremlins" in outcome.err
    assert "throttle" in outcome.err


def test_a_taken_port_is_a_usage_error(run_cli: RunCli) -> None:
    """With the way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = run_cli("sandbox", "--port", str(port))

    assert outcome.code == 2
    assert f"Port {port} cannot be used (Address already in use)" in outcome.err
    assert "--port" in outcome.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_the_sandbox_answers_until_it_is_ended(number: int, code: int, tmp_path: Path) -> None:
    """The lines on stdout point at it; Ctrl-C is its normal end."""
    port = _free_port()
    with subprocess.Popen(
        [sys.executable, "-m", "entrypoints", "sandbox", "--port", str(port), "--items", "3"],
        cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        url = f"http://127.0.0.1:{port}"
        lines = [process.stdout.readline() for _ in range(len(SERVED) + 3)]
        request = urllib.request.Request(f"{url}/api/v2/auth/keys", method="POST", data=b"")
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert "api_key" in json.load(answer)
        process.send_signal(number)
        _, err = process.communicate(timeout=30)

    assert lines == [
        *(f"export APP_SOURCES__{name.upper()}__BASE_URL={url}\n" for name in SERVED),
        "export APP_HTTP__CONTACT=you@example.org TIINGO_API_KEY=any\n",
        f"export APP_HTTP__ALLOW_PRIVATE=127.0.0.1:{port}\n",
        f"app ingest nft dxterminal -p ipfs_gateways={url}\n",
    ]
    assert process.returncode == code
    assert "Traceback" not in err


def test_the_demo_shows_the_whole_way(tmp_path: Path) -> None:
    """It uses neither keys nor settings of the person, and leaves nothing behind."""
    (tmp_path / "app.toml").write_text("this is not for the demo")
    environment = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(tmp_path / "scratch"),
        "OPENSEA_API_KEY": "canary-key-of-a-person",
        "REDIS_URL": "redis://127.0.0.1:1",
        "HOME": str(tmp_path),
    }
    (tmp_path / "scratch").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "entrypoints", "demo", "--items", "60"],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=55, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert "nft.nfts                   60 rows" in done.stderr
    assert "The rarest NFTs" in done.stderr
    assert "DX Terminal #" in done.stdout
    assert "app ingest nft dxterminal --limit 500" in done.stderr
    assert "canary" not in done.stdout + done.stderr
    assert list((tmp_path / "scratch").iterdir()) == []
    assert {each.name for each in tmp_path.iterdir()} == {"app.toml", "scratch"}
