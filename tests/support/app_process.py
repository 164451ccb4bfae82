"""Runs `app` as a user does: another process, its own folder, its own environment."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.support.assert_consistent import assert_consistent

APP = Path(sys.executable).with_name("app")
CANARY = "canary-9f8e7d6c5b4a39281706f5e4d3c2b1a0"


@dataclass
class AppProcess:
    """`app` in a folder of its own, pointed at a sandbox."""

    home: Path
    base_url: str = "http://127.0.0.1:9"
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def data_dir(self) -> Path:
        """Where it publishes."""
        return self.home / "output"

    def variables(self) -> dict[str, str]:
        """The whole environment of the process; nothing is inherited but PATH."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "OPENSEA_API_KEY": CANARY,
            "APP_DATA_DIR": str(self.data_dir),
            "APP_STATE_DIR": str(self.home / "state"),
            "APP_SOURCES__OPENSEA__BASE_URL": self.base_url,
            "APP_HTTP__ALLOW_PRIVATE": "127.0.0.1",
        } | self.environment

    def run(
        self, *arguments: str, stdin: bytes | None = None, timeout: float = 50
    ) -> subprocess.CompletedProcess[bytes]:
        """Run to the end; stdin is closed unless given."""
        return subprocess.run(
            [APP, *arguments],
            cwd=self.home,
            env=self.variables(),
            input=stdin if stdin is not None else b"",
            capture_output=True,
            timeout=timeout,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start and return at once; stderr goes to a file beside the data."""
        with (self.home / "stderr.txt").open("wb") as errors:
            return subprocess.Popen(
                [APP, *arguments],
                cwd=self.home,
                env=self.variables(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """The rows that a query answers with."""
        done = self.run("query", sql, "--format", "json")
        assert done.returncode == 0, done.stderr.decode()
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    def ingest(self, target: str, *arguments: str, expected: int = 0) -> dict[str, Any]:
        """Ingest an NFT collection; what `--json` says. The folder is consistent after it."""
        done = self.run("ingest", "nft", target, "--json", *arguments)
        assert done.returncode == expected, done.stderr.decode()
        assert_consistent(self.data_dir)
        summary: dict[str, Any] = json.loads(done.stdout)
        return summary
