"""What is meant by the names on the command line, and how the rows get out."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from application.export_tables import ExportTables, plan_export
from application.ports.query_engine import Query, QueryEngine, QueryResult
from application.query_catalog import CatalogVersion
from domain.errors import ExportError, NotFoundError
from domain.manifest import Dataset, Manifest, TableVersion
from domain.runs import Run
from domain.schema import Field, Kind, Schema
from domain.snapshots import Snapshot
from tests.contracts.table_exporter_contract import ROWS, SampleResult
from tests.fakes.fake_manifest_log import FakeManifestLog
from tests.fakes.fake_table_exporter import FakeTableExporter
from tests.fakes.fake_version_history import FakeVersionHistory

AT = datetime(2026, 1, 2, tzinfo=UTC)
_SCHEMA = Schema((Field("id", Kind.STRING), Field('odd "name"', Kind.STRING)))


def _table(*targets: str) -> TableVersion:
    datasets = {each: Dataset("RUN1", "sample", AT, ()) for each in targets}
    return TableVersion(_SCHEMA, ("id",), "One row a thing.", datasets)


VERSION = CatalogVersion(
    Manifest(
        3,
        AT,
        "RUN1",
        {
            "nft.nfts": _table("one", "two"),
            "nft.traits": _table("one"),
            "crypto.candles": _table("BTCUSDT"),
            "stocks.candles": _table("IBM"),
        },
    ),
    (),
)


class FakeQueryEngine(QueryEngine):
    """Answers every query with the sample rows."""

    def __init__(self) -> None:
        self.asked: list[tuple[Query, Manifest]] = []

    def warm_up(self) -> None:
        pass

    def close(self) -> None:
        pass

    def run(
        self,
        query: Query,
        manifest: Manifest,
        runs: Sequence[Run],
        snapshots: Sequence[Snapshot] = (),
    ) -> AbstractContextManager[QueryResult]:
        self.asked.append((query, manifest))
        return self._opened()

    @contextmanager
    def _opened(self) -> Iterator[QueryResult]:
        yield SampleResult(ROWS)


@pytest.mark.parametrize(
    ("names", "tables"),
    [
        (["nft.nfts"], ["nft.nfts"]),
        (["nfts"], ["nft.nfts"]),
        (["nft"], ["nft.nfts", "nft.traits"]),
        (["traits", "nft"], ["nft.traits", "nft.nfts"]),
        (["candles"], ["crypto.candles", "stocks.candles"]),
    ],
)
def test_names_of_tables_and_domains(names: list[str], tables: list[str]) -> None:
    """A short name means every table that has it; each table comes once."""
    assert list(plan_export(VERSION, names).tables) == tables


def test_a_target_narrows_the_tables_to_its_rows() -> None:
    """Tables without it are left out."""
    plan = plan_export(VERSION, ["nft"], "two")

    assert list(plan.tables) == ["nft.nfts"]
    assert list(plan.version.manifest.tables["nft.nfts"].datasets) == ["two"]


@pytest.mark.parametrize(
    ("names", "target", "words"),
    [
        (["nfs"], None, r"No table named 'nfs'\. Did you mean nfts"),
        (["nft.trait"], None, r"Did you mean nft\.traits"),
        (["nft"], "onee", r"No target in nft\.nfts and nft\.traits named 'onee'.*one"),
    ],
)
def test_what_is_not_there(names: list[str], target: str | None, words: str) -> None:
    """With what may have been meant."""
    with pytest.raises(NotFoundError, match=words):
        plan_export(VERSION, names, target)


def test_rows_are_asked_for_by_column() -> None:
    """Quoted; a condition stands on lines of its own, so that a comment in it ends there."""
    plan = plan_export(VERSION, ["nft.nfts"])

    assert plan.query("nft.nfts").sql == 'select "id", "odd ""name""" from "nft"."nfts"'
    where = replace(plan, where="id > '1' -- some").query("nft.nfts").sql
    assert where.endswith("\"nfts\" where (\nid > '1' -- some\n)")


def test_all_tables_go_to_the_exporter_at_once() -> None:
    """While their version is kept from being pruned."""
    engine, exporter, history = (
        FakeQueryEngine(),
        FakeTableExporter(),
        FakeVersionHistory(FakeManifestLog()),
    )
    plan = plan_export(VERSION, ["nft"], "one")
    exported = ExportTables(engine=engine, history=history).execute(plan, exporter)

    assert [(each.name, each.rows) for each in exported] == [("nft.nfts", 4), ("nft.traits", 4)]
    assert exporter.asked == [["nft.nfts", "nft.traits"]]
    assert exporter.tables["nft.nfts"] == list(ROWS)
    assert all(manifest == plan.version.manifest for _, manifest in engine.asked)


def test_a_version_that_was_pruned_just_now_is_not_read() -> None:
    """Nor is the exporter bothered."""
    exporter = FakeTableExporter()
    past = replace(VERSION, is_past=True, snapshots=())
    with pytest.raises(NotFoundError, match="3"):
        ExportTables(
            engine=FakeQueryEngine(), history=FakeVersionHistory(FakeManifestLog())
        ).execute(plan_export(past, ["nft"]), exporter)
    assert exporter.asked == []


def test_errors_of_the_exporter_pass() -> None:
    """As they are."""
    exporter = FakeTableExporter(ExportError("away"))
    with pytest.raises(ExportError, match="away"):
        ExportTables(
            engine=FakeQueryEngine(), history=FakeVersionHistory(FakeManifestLog())
        ).execute(plan_export(VERSION, ["nft"]), exporter)
