"""Ingests of different targets run beside each other, and all of them commit."""

from pathlib import Path

import pytest

from entrypoints.sandbox import SandboxOptions, expected_counts, running_sandbox
from tests.support.app_process import AppProcess
from tests.support.assert_consistent import assert_consistent

TARGETS = (
    "dxterminal", "two-contracts", "onchain-words", "erc1155-items", "odd-shapes",
    "listed-traits", "dead-hosts", "empty-collection",
)  # fmt: skip


@pytest.mark.timeout(180)
def test_eight_processes_commit_eight_versions(tmp_path: Path) -> None:
    """Each is right whatever the others do; who loses the race for a version takes the next."""
    options = SandboxOptions(items=120)
    with running_sandbox(options) as base_url:
        app = AppProcess(tmp_path, base_url)
        processes = [app.start("ingest", "nft", target, "--json") for target in TARGETS]
        for process in processes:
            process.communicate(timeout=150)
    codes = {target: each.returncode for target, each in zip(TARGETS, processes, strict=True)}

    assert set(codes.values()) <= {0, 6}, codes
    assert_consistent(app.data_dir, settled=True)
    versions = sorted(int(path.stem) for path in app.data_dir.glob("_catalog/v/0*.json"))
    assert versions == [*range(1, len(TARGETS) + 1)]
    found = app.rows("select collection, count(*) as n from nfts group by all")
    expected = {target: expected_counts(options, target)["nfts"] for target in TARGETS}
    assert {row["collection"]: row["n"] for row in found} == {
        t: n for t, n in expected.items() if n
    }
