"""`app catalog` and `app check`, over stand-ins."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence

import pytest

from application.check_datasets import DatasetCheck
from application.ports.lake_maintenance import Defect, FileFinding, RunFolder
from application.prune_catalog import PruneReport
from application.rebuild_catalog import RebuildReport
from application.verify_catalog import Damage, VerifyProgress, VerifyReport
from domain.health import Level
from domain.manifest import DataFile
from domain.retention import Retention
from tests.contracts.manifest_log_contract import AT, publication
from tests.fakes.fake_manifest_log import FakeManifestLog
from tests.support.run_cli import RunCli

PLAN = PruneReport([1, 2, 3, 7], [], [8], 3, [RunFolder("lake/a/run=X", 2, 2_000_000)])
DONE = PruneReport([1, 2, 3], [7], [8], 4, [RunFolder("lake/a/run=X", 2, 2_000_000)])
FILE = DataFile("lake/nft/nfts/target=dx/run=R/part-00000.parquet", 5, 1000, "00")
DAMAGE = Damage(
    "nft.nfts", "dx", "opensea", (3, 4, 5), True,
    FileFinding(FILE, Defect.CHECKSUM, "its SHA-256 is another", ("name",)),
)  # fmt: skip
OLD = Damage(
    "nft.nfts", "dx", "opensea", (2,), False, FileFinding(FILE, Defect.MISSING, "it is not there")
)
STRAY = RunFolder("lake/nft/nfts/target=dx/run=S", 1, 5)


class FakePrune:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Retention]] = []

    async def plan(self, retention: Retention) -> PruneReport:
        self.asked.append(("plan", retention))
        return PLAN

    async def execute(self, retention: Retention) -> PruneReport:
        self.asked.append(("execute", retention))
        return DONE


class FakeVerify:
    """One report, after two steps."""

    def __init__(self, report: VerifyReport) -> None:
        self.report = report
        self.asked: list[dict[str, object]] = []

    async def execute(self, **options: object) -> AsyncGenerator[VerifyProgress | VerifyReport]:
        self.asked.append(options)
        yield VerifyProgress(1, 2, 600_000_000, 1_000_000_000)
        yield VerifyProgress(2, 2, 1_000_000_000, 1_000_000_000)
        yield self.report


class Answers:
    """A use case with one answer."""

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: list[object] = []

    async def execute(self, *arguments: object) -> object:
        self.asked.append(arguments)
        return self.answer


def test_a_prune_without_yes_only_plans(run_cli: RunCli) -> None:
    """It shows what would go, what is spared and why, and how to do it."""
    prune = FakePrune()
    for flags in ((), ("--dry-run",)):
        outcome = run_cli("catalog", "prune", "--keep", "3", *flags, prune_catalog=prune)
        assert outcome.code == 0
        assert outcome.out == (
            "Would remove 4 versions (1-3, 7) and 2 files; 2.0 MB would be freed. "
            "3 would be left.\n"
        )
        assert "1 version (8) stayed the newest one until less than a day ago" in outcome.err
        assert "Nothing was removed. Add --yes" in outcome.err
    assert prune.asked == [("plan", Retention(keep=3))] * 2


def test_a_prune_with_yes_removes(run_cli: RunCli) -> None:
    """And says what a reader kept."""
    prune = FakePrune()
    arguments = ("catalog", "prune", "--older-than", "30d", "--keep", "2", "--yes")
    outcome = run_cli(*arguments, prune_catalog=prune)
    as_json = json.loads(run_cli(*arguments, "--json", prune_catalog=prune).out)

    assert outcome.out.startswith("Removed 3 versions (1-3) and 2 files; 2.0 MB freed. 4 are left.")
    assert "1 version (7) in use by a reader: kept." in outcome.err
    assert as_json == {
        "removed": True,
        "versions": [1, 2, 3],
        "held": [7],
        "young": [8],
        "kept": 4,
        "files": 2,
        "bytes": 2_000_000,
    }
    ((word, retention), _) = prune.asked
    assert (word, retention.keep) == ("execute", 2)
    assert retention.older_than is not None
    assert retention.older_than.days == 30


@pytest.mark.parametrize(
    "flags", [("--keep", "0"), ("--older-than", "soon"), ("--dry-run", "--yes")]
)
def test_a_prune_that_makes_no_sense_is_refused(run_cli: RunCli, flags: Sequence[str]) -> None:
    """Nothing is asked of anybody."""
    prune = FakePrune()
    assert run_cli("catalog", "prune", *flags, prune_catalog=prune).code == 2
    assert prune.asked == []


def test_a_whole_catalog_verifies(run_cli: RunCli) -> None:
    """Exit code 0; progress on stderr alone, redrawn on a terminal."""
    verify = FakeVerify(VerifyReport(1, 2, 1_000_000_000, [], [STRAY]))
    piped = run_cli("catalog", "verify", verify_catalog=verify)
    shown = run_cli("catalog", "verify", "--all", verify_catalog=verify, terminal=True)

    assert piped.code == shown.code == 0
    assert piped.out == "2 files of 1 version, 1.0 GB: all as they were published.\n"
    assert "verifying: 1 of 2 files, 600.0 MB of 1.0 GB (60 %)\n" in piped.err
    assert "\r\x1b[Kverifying: 2 of 2" in shown.err
    assert "1 folder of no version. `app catalog prune --yes`" in piped.err
    assert verify.asked == [{"every_version": False}, {"every_version": True}]


def test_damage_is_named_with_what_to_do(run_cli: RunCli) -> None:
    """File, table, target, versions, defect and column; exit code 1."""
    verify = FakeVerify(VerifyReport(4, 2, 1_000_000_000, [DAMAGE, OLD], []))
    outcome = run_cli("catalog", "verify", "--all", verify_catalog=verify)
    as_json = run_cli("catalog", "verify", "--all", "--json", verify_catalog=verify)

    assert (outcome.code, as_json.code) == (1, 1)
    row = f"{FILE.path}\tnft.nfts\tdx\t3-5\tchecksum\tits SHA-256 is another\tname"
    assert row in outcome.out.splitlines()
    assert "app ingest nft dx --source opensea --full-refresh" in outcome.err
    assert "shares its bytes with the lake" in outcome.err
    assert "1 damaged file of older versions alone" in outcome.err
    found = json.loads(as_json.out)
    assert [each["current"] for each in found["damaged"]] == [True, False]
    assert found["damaged"][0]["columns"] == ["name"]
    assert len(found["advice"]) == 3


def test_a_rebuild_tells_what_it_made(run_cli: RunCli) -> None:
    """Derived files on stdout, the rest on stderr."""
    report = RebuildReport(5, ["_catalog/runs.index"], ["dx_nfts.parquet"], ["R1"], [2, 3])
    outcome = run_cli("catalog", "rebuild", rebuild_catalog=Answers(report))
    as_json = run_cli("catalog", "rebuild", "--json", rebuild_catalog=Answers(report))

    assert outcome.out == "dx_nfts.parquet\n"
    assert "1 derived file, of version 5." in outcome.err
    assert "1 lost record of runs" in outcome.err
    assert "2 versions (2-3) written down as pruned" in outcome.err
    assert json.loads(as_json.out)["dropped"] == ["_catalog/runs.index"]


@pytest.mark.parametrize(("level", "code"), [(Level.OK, 0), (Level.WARNING, 0), (Level.FAILURE, 1)])
def test_checks_fail_only_for_failures(run_cli: RunCli, level: Level, code: int) -> None:
    """Each has a level and a detail."""
    checks = Answers([DatasetCheck("nft.nfts", "dx", "balance", level, "5 fetched = 5 published")])
    outcome = run_cli("check", "nfts", check_datasets=checks)
    as_json = run_cli("check", "--json", check_datasets=checks)

    assert (outcome.code, as_json.code) == (code, code)
    assert f"nft.nfts\tdx\tbalance\t{level.value}\t5 fetched = 5 published\n" in outcome.out
    assert checks.asked == [(["nfts"],), ((),)]
    assert json.loads(as_json.out)["checks"][0]["check"] == "balance"
    assert json.loads(as_json.out)["files"] is None


def test_checks_with_files_read_those_of_the_chosen_tables(run_cli: RunCli) -> None:
    """And fail for damage."""
    log = FakeManifestLog()
    verify = FakeVerify(VerifyReport(1, 1, 5, [DAMAGE], []))
    asyncio.run(log.commit(publication("A"), AT))
    outcome = run_cli(
        "check",
        "items",
        "--files",
        check_datasets=Answers([]),
        verify_catalog=verify,
        manifests=log,
    )

    assert outcome.code == 1
    assert verify.asked == [{"tables": ["test.items"]}]
