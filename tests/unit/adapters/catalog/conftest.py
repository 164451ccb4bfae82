"""A published catalog to ask."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.catalog.sandboxed_query_engine import SandboxedQueryEngine
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from application.ports.query_engine import Query
from domain.manifest import Manifest
from domain.runs import Run
from tests.fakes.fake_clock import FakeClock
from tests.support.sample_runs import item_rows, sample_run, seal_items


@dataclass
class Catalog:
    """A data folder with 30 items and 60 details, and an engine over it."""

    root: Path
    manifest: Manifest
    runs: list[Run]
    engine: SandboxedQueryEngine

    def rows(self, sql: str, **options: Any) -> list[tuple[Any, ...]]:
        """What a query answers."""
        with self.engine.run(Query(sql, **options), self.manifest, self.runs) as result:
            found: list[tuple[Any, ...]] = []
            for batch in result.batches():
                found.extend(zip(*batch.to_pydict().values(), strict=True))
            return found


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    folder = DataFolder(tmp_path_factory.mktemp("catalog") / "output")
    manifests = FileManifestLog(folder)
    writer = ParquetDatasetWriter(folder, manifests, FakeClock())
    asyncio.run(seal_items(writer, sample_run(), item_rows(30), details=30, commit_to=manifests))
    manifest = asyncio.run(manifests.latest())
    engine = SandboxedQueryEngine(folder.root, ready=2)
    yield Catalog(folder.root, manifest, [sample_run()], engine)
    engine.close()
