"""Which version a query sees, and what is known with it."""

import asyncio
import io
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import BinaryIO

import pytest

from application.ports.query_engine import Query, QueryEngine, QueryResult
from application.ports.result_writer import Layout, ResultWriter, Written
from application.query_catalog import QueryCatalog
from application.resolve_version import ResolveVersion
from domain.errors import NotFoundError
from domain.manifest import Manifest
from domain.runs import Run, RunState
from domain.snapshots import Snapshot
from tests.contracts.manifest_log_contract import AT, publication
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_manifest_log import FakeManifestLog
from tests.fakes.fake_run_log import FakeRunLog
from tests.fakes.fake_version_history import FakeVersionHistory
from tests.support.sample_runs import sample_run


class FakeEngine(QueryEngine):
    """Remembers what it was given, and which versions were held meanwhile."""

    def __init__(self, history: FakeVersionHistory) -> None:
        self._history = history
        self.version = 0
        self.runs: list[str] = []
        self.snapshots: list[int] = []
        self.held: list[int] = []

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
        self.version = manifest.version
        self.runs = [run.run_id for run in runs]
        self.snapshots = [each.version for each in snapshots]
        self.held = [version for version, readers in self._history.held.items() if readers]
        return self._nothing()

    @contextmanager
    def _nothing(self) -> Generator[QueryResult]:
        yield None  # type: ignore[misc]  # the writer below looks at nothing


class NoWriter(ResultWriter):
    """Writes nothing."""

    def write(self, result: QueryResult, layout: Layout, sink: BinaryIO) -> Written:
        return Written(0, truncated=False)


class Catalog:
    """Two versions of two runs, an hour apart; a third run found nothing new."""

    def __init__(self) -> None:
        self.log, runs = FakeManifestLog(), FakeRunLog()
        self.history = FakeVersionHistory(self.log)
        self.engine = FakeEngine(self.history)
        resolve = ResolveVersion(
            manifests=self.log, history=self.history, runs=runs, clock=FakeClock()
        )
        self.catalog = QueryCatalog(
            engine=self.engine,
            writer=NoWriter(),
            manifests=self.log,
            history=self.history,
            resolve=resolve,
            runs=runs,
        )

        async def story() -> None:
            for number, name in enumerate(("01A", "01B"), start=1):
                at = AT + timedelta(hours=number)
                await self.log.commit(publication(name), at)
                run = replace(sample_run(name), started_at=at, version=number)
                await runs.save(replace(run, state=RunState.SUCCEEDED))
            late = replace(sample_run("01C"), started_at=AT + timedelta(hours=9), version=1)
            await runs.save(replace(late, unchanged=True))

        asyncio.run(story())

    def query(self, at: str | None = None) -> FakeEngine:
        """The engine after a query."""
        version = asyncio.run(self.catalog.latest() if at is None else self.catalog.at(at))
        self.catalog.execute(version, Query("select 1"), Layout("csv"), io.BytesIO())
        return self.engine


def test_the_newest_version_has_all_runs() -> None:
    """And nobody can prune it meanwhile."""
    engine = Catalog().query()

    assert (engine.version, engine.runs) == (2, ["01C", "01B", "01A"])
    assert (engine.snapshots, engine.held) == ([1, 2], [2])


def test_an_older_version_has_what_was_known_then() -> None:
    """Runs that had begun by its commit; it is held too, and let go."""
    catalog = Catalog()
    engine = catalog.query("1")

    assert (engine.version, engine.runs, engine.held) == (1, ["01A"], [1])
    assert not any(catalog.history.held.values())


def test_naming_the_newest_version_is_asking_for_it() -> None:
    """With all runs, also those since."""
    assert Catalog().query("2").runs == ["01C", "01B", "01A"]


def test_a_version_that_is_pruned_just_before_it_is_read_is_told_of() -> None:
    """Rather than its missing files."""
    catalog = Catalog()
    version = asyncio.run(catalog.catalog.at("1"))
    del catalog.log.manifests[0]

    with pytest.raises(NotFoundError, match="It was pruned"):
        catalog.catalog.execute(version, Query("select 1"), Layout("csv"), io.BytesIO())
    assert not any(catalog.history.held.values())
