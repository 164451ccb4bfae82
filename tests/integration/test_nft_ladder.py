"""Where traits come from, against the sandbox: every rung gives the same, and the quota holds."""

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import pytest

from entrypoints.sandbox import SandboxOptions, expected_counts, running_sandbox
from tests.support.app_process import AppProcess

OPTIONS = SandboxOptions(items=450)
TRAITS = "select * exclude (_run_id, _fetched_at) from {table} order by all"
BATCHED = "NFTs with the traits of a batch answer"
DOCUMENTS = "NFTs with their metadata document"
PARSED = "NFTs with the traits of OpenSea's own metadata"
_MIDST = 12
LISTED = "NFTs with the traits of the list"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with running_sandbox(OPTIONS) as base_url:
        yield base_url


def app(tmp_path: Path, sandbox: str, name: str = "") -> AppProcess:
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    return AppProcess(folder, sandbox)


def published(mine: AppProcess, table: str, sql: str) -> list[tuple[Any, ...]]:
    """What a query says about the published file of a table."""
    [path] = mine.data_dir.glob(f"*_{table}.parquet")
    with duckdb.connect() as connection:
        return connection.sql(sql.format(table=f"'{path}'")).fetchall()


@pytest.mark.parametrize("slug", ["dxterminal", "two-contracts", "pinned-words", "erc1155-items"])
def test_documents_and_batches_give_the_same_traits(
    tmp_path: Path, sandbox: str, slug: str
) -> None:
    """Row for row, values as sent."""
    by_document, by_batch = app(tmp_path, sandbox, "documents"), app(tmp_path, sandbox, "batch")
    gateway = ("-p", f"ipfs_gateways={sandbox}")
    first = by_document.ingest(slug, "-p", "traits=metadata", *gateway)
    second = by_batch.ingest(slug, "-p", "traits=batch")

    assert published(by_document, "traits", TRAITS) == published(by_batch, "traits", TRAITS)
    assert first["tallies"] == {DOCUMENTS: second["tallies"][BATCHED]}
    assert second["requests"] < 20


def test_batches_take_a_few_requests(tmp_path: Path, sandbox: str) -> None:
    """450 NFTs: a key, the collection, three pages, three batches, and what no batch has."""
    summary = app(tmp_path, sandbox).ingest("dxterminal", "-p", "traits=batch", "-p", "rescue=0")
    lacking = OPTIONS.items - summary["tallies"][BATCHED]
    assert summary["requests"] <= 1 + 1 + 3 + 3 + lacking


@pytest.mark.parametrize("fault", ["small-batches", "no-batches"])
def test_the_size_of_a_batch_is_found_out_once(tmp_path: Path, fault: str) -> None:
    """Halved until it is taken; without batches the documents have the traits."""
    options = SandboxOptions(items=450, faults=(fault,))
    with running_sandbox(options) as url:
        summary = app(tmp_path, url).ingest("dxterminal", "-p", "traits=batch", "-p", "rescue=0")
    assert (
        summary["rows"]["nft.traits"]["published"]
        == expected_counts(OPTIONS, "dxterminal")["traits"]
    )
    if fault == "small-batches":
        assert (
            summary["tallies"][BATCHED]
            == expected_counts(OPTIONS, "dxterminal")["metadata_status"]["ok"]
        )
        assert summary["requests"] < 60
    else:
        assert BATCHED not in summary["tallies"]


def test_dead_hosts_are_rescued(tmp_path: Path, sandbox: str) -> None:
    """A batch for all, then one by one what it does not have; the rest stays unreachable."""
    mine = app(tmp_path, sandbox)
    summary = mine.ingest("rescued-hosts", expected=6)
    expected = expected_counts(OPTIONS, "rescued-hosts")

    statuses = "select metadata_status, count(*) from {table} group by all"
    assert dict(published(mine, "nfts", statuses)) == expected["metadata_status"]
    assert summary["rows"]["nft.traits"]["published"] == expected["traits"]
    assert summary["tallies"] == {BATCHED: 22, PARSED: 3}


@pytest.mark.parametrize(("most", "rescued"), [(0, 0), (1, 22), (20, 25)])
def test_a_rescue_is_bounded(tmp_path: Path, sandbox: str, most: int, rescued: int) -> None:
    """At most so many requests; half of them at first, the batch included."""
    summary = app(tmp_path, sandbox).ingest("rescued-hosts", "-p", f"rescue={most}", expected=6)
    assert sum(summary["tallies"].values()) == rescued


def test_a_run_stopped_among_batches_goes_on(tmp_path: Path) -> None:
    """The same run, the same rows, every NFT counted once."""
    options = SandboxOptions(items=3000, latency_ms=100)
    words = ("ingest", "nft", "dxterminal", "--json", "-p", "traits=batch", "-p", "rescue=0")
    with running_sandbox(options) as url:
        mine = app(tmp_path, url)
        process = mine.start(*words)
        _wait_for_batches(url, process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 130
        summary = mine.ingest("dxterminal", *words[4:])
    expected = expected_counts(options, "dxterminal")
    assert (summary["attempts"], summary["items"]) == (2, 3000)
    assert summary["rows"]["nft.traits"]["published"] == expected["traits"]
    assert summary["tallies"] == {BATCHED: expected["metadata_status"]["ok"]}


def _wait_for_batches(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until the API has been asked a dozen times, which is in the midst of the batches."""
    until = time.monotonic() + 30
    while httpx.get(f"{url}/sandbox/stats").json().get("api", 0) < _MIDST:
        assert time.monotonic() < until
        assert process.poll() is None, "the process ended early"
        time.sleep(0.02)


def test_a_list_with_traits_asks_no_more(tmp_path: Path, sandbox: str) -> None:
    """Whatever the ladder."""
    mine = app(tmp_path, sandbox)
    for traits in ("auto", "list", "batch", "metadata"):
        summary: dict[str, Any] = mine.ingest("listed-traits", "-p", f"traits={traits}")
        assert summary["tallies"] == {LISTED: 10}
        assert summary["requests"] <= 3


def test_offline_batches_are_found_again(tmp_path: Path, sandbox: str) -> None:
    """A POST is kept by its body, for --offline alone."""
    mine = app(tmp_path, sandbox)
    wanted = ("-p", "traits=batch", "--limit", "120")
    first = mine.ingest("dxterminal", *wanted)
    again = mine.ingest("dxterminal", *wanted, "--offline")
    assert (again["requests"], again["unchanged"]) == (0, True)
    assert again["tallies"] == first["tallies"]
