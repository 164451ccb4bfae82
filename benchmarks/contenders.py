"""What is compared: the app, and what its users would take instead."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from static_upstream import Upstream
from upstream_data import SLUG

APP = Path(sys.executable).with_name("app")
_PEERS = Path(__file__).parent / "peers"
_SCRAPY_PYTHON = Path(os.environ.get("SCRAPY_PYTHON", sys.executable)).absolute()
"""Scrapy has an environment of its own: structlog loads Twisted wherever it finds it."""


@dataclass(frozen=True)
class Contender:
    """A program that does the job.

    Attributes:
        title: for the tables.
        arguments: its command line; `{url}` and `{folder}` are filled in.
        nfts, traits: globs of the Parquet files that it leaves in its folder.
        largest: the most NFTs that are worth the wait; None for any number.
        regular: it needs an upstream with a readable document for every NFT.
    """

    title: str
    arguments: tuple[str, ...]
    nfts: str
    traits: str
    largest: int | None = None
    regular: bool = False

    def command(self, url: str, folder: Path) -> list[str]:
        """The command line."""
        return [each.format(url=url, folder=folder) for each in self.arguments]

    def shown(self) -> str:
        """The command line as a reader would type it."""
        program, *rest = self.arguments
        names = [Path(program).name, *(Path(each).name for each in rest)]
        return " ".join(each.format(url="URL", folder="FOLDER") for each in names)

    def fits(self, items: int, upstream: Upstream) -> bool:
        """Whether it takes part."""
        return (self.largest is None or items <= self.largest) and (
            upstream.regular or not self.regular
        )


def _script(name: str, python: str = sys.executable) -> tuple[str, ...]:
    return (python, str(_PEERS / name), "{url}", "{folder}")


OURS = Contender(
    "this project",
    (str(APP), "ingest", "nft", SLUG, "--json"),
    f"output/{SLUG}_nfts.parquet",
    f"output/{SLUG}_traits.parquet",
)
PEERS: Mapping[str, Contender] = {
    "hand": Contender(
        "hand-written aiohttp script",
        _script("hand_aiohttp.py"),
        nfts="nfts.parquet",
        traits="traits.parquet",
    ),
    "dlt-arrow": Contender(
        "dlt, own aiohttp code to Arrow",
        _script("dlt_arrow.py"),
        nfts="nft/nfts/*.parquet",
        traits="nft/traits/*.parquet",
    ),
    "dlt-rest": Contender(
        "dlt, rest_api source",
        _script("dlt_rest_api.py"),
        nfts="nft/nfts/*.parquet",
        traits="nft/documents__attributes/*.parquet",
        largest=5_000,
        regular=True,
    ),
    "scrapy": Contender(
        "Scrapy with its HTTP cache",
        _script("scrapy_spider.py", str(_SCRAPY_PYTHON)),
        nfts="nfts.parquet",
        traits="traits.parquet",
        largest=5_000,
        regular=True,
    ),
    "scrapy-tuned": Contender(
        "Scrapy, CONCURRENT_ITEMS=1",
        (*_script("scrapy_spider.py", str(_SCRAPY_PYTHON)), "1"),
        nfts="nfts.parquet",
        traits="traits.parquet",
        largest=5_000,
        regular=True,
    ),
}


def environment(url: str, folder: Path, hosts: Sequence[str] = ("127.0.0.1",)) -> dict[str, str]:
    """The same for all: nothing of the caller's, and no telemetry; documents are on `hosts`."""
    return {
        "APP_SOURCES__OPENSEA__BASE_URL": url,
        "APP_HTTP__ALLOW_PRIVATE": ",".join(hosts),
        "APP_DATA_DIR": str(folder / "output"),
        "APP_STATE_DIR": str(folder / "state"),
        "OPENSEA_API_KEY": "bench",
        "RUNTIME__DLTHUB_TELEMETRY": "false",
    }


def scrapy_version() -> str:
    """As "scrapy 2.19.0"; SystemExit where it is missing."""
    command = [str(_SCRAPY_PYTHON), "-m", "scrapy", "version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        message = "Scrapy is missing: `make bench` brings it, and `--peers` can leave it out."
        raise SystemExit(message)
    return done.stdout.strip().lower()
