"""`app query --at`: an older version, and a word about which one it is."""

from datetime import UTC, datetime
from typing import BinaryIO

from application.ports.query_engine import Query
from application.ports.result_writer import Layout, Written
from application.query_catalog import CatalogVersion
from domain.errors import NotFoundError
from domain.manifest import Manifest
from tests.support.run_cli import RunCli

PAST = Manifest(4, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "01RUN")


class FakeCatalog:
    """Version 9 is the newest; any name but "gone" means version 4."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.executed: list[int] = []

    async def latest(self) -> CatalogVersion:
        return CatalogVersion(Manifest(9), ())

    async def at(self, reference: str) -> CatalogVersion:
        self.asked.append(reference)
        if reference == "gone":
            raise NotFoundError(what="version", name=reference, hint="It was pruned.")
        return CatalogVersion(PAST, (), is_past=True)

    def execute(
        self, version: CatalogVersion, query: Query, layout: Layout, sink: BinaryIO
    ) -> Written:
        self.executed.append(version.manifest.version)
        return Written(0, truncated=False)

    def close(self) -> None:
        pass


def test_a_version_of_the_past_is_named_on_stderr(run_cli: RunCli) -> None:
    """Its number, its time and its run; nothing but data is on stdout."""
    catalog = FakeCatalog()
    outcome = run_cli("query", "select 1", "--at", "2 days ago", query_catalog=catalog)

    assert (outcome.code, outcome.out) == (0, "")
    assert "version 4 of 2026-01-02 03:04:05Z (run 01RUN)\n" in outcome.err
    assert (catalog.asked, catalog.executed) == (["2 days ago"], [4])


def test_without_it_the_newest_version_is_asked(run_cli: RunCli) -> None:
    """And not a word is said."""
    catalog = FakeCatalog()
    outcome = run_cli("query", "select 1", query_catalog=catalog)

    assert (outcome.err, catalog.asked, catalog.executed) == ("", [], [9])


def test_a_version_that_has_gone_is_not_found(run_cli: RunCli) -> None:
    """Exit code 5, as for every name that is not known."""
    outcome = run_cli("query", "select 1", "--at", "gone", query_catalog=FakeCatalog())

    assert outcome.code == 5
    assert "It was pruned." in outcome.err
