"""One run's rows on their way to a store."""

import asyncio
import secrets
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from application.ports.dataset_writer import SealedRun, Staging
from domain.expectations import QuarantinedRecord
from domain.manifest import DataFile, Dataset, Manifest, Publication, TableVersion
from domain.page_results import AnswerRows
from domain.staged_rows import StagedTable
from domain.tables import Record


class S3Staging(Staging):
    """Rows staged and merged in the mirror; the commit uploads what was sealed.

    Each seal names its folders anew. A run that was killed while it committed and goes on later
    thus never writes over an object that its first attempt may yet turn out to have published.
    """

    def __init__(self, staging: Staging, mirror: DataFolder) -> None:
        self._staging = staging
        self._mirror = mirror

    def append(self, table: str, records: Sequence[Record], fetched_at: datetime) -> None:
        """Add records to a table."""
        self._staging.append(table, records, fetched_at)

    def append_answers(self, table: str, answers: Sequence[AnswerRows]) -> None:
        """The same for what several answers gave."""
        self._staging.append_answers(table, answers)

    def quarantine(
        self, table: str, records: Sequence[QuarantinedRecord], fetched_at: datetime
    ) -> None:
        """Keep records out of the table."""
        self._staging.quarantine(table, records, fetched_at)

    @property
    def is_full(self) -> bool:
        """More is held than should be."""
        return self._staging.is_full

    async def drain(self) -> None:
        """Write what has become too much to hold."""
        await self._staging.drain()

    def checkpoint(self) -> Awaitable[Mapping[str, StagedTable]]:
        """All that was added before this call, by table, durable once it is awaited."""
        return self._staging.checkpoint()

    async def seal(self, current: Manifest | None = None) -> SealedRun:
        """Merge, verify and name what the commit will upload."""
        sealed = await self._staging.seal(current)
        if not sealed.is_written:
            return sealed
        named = await asyncio.to_thread(self._named_anew, sealed.publication)
        return replace(sealed, publication=named)

    async def write(self) -> Publication:
        """Write and name what `seal` has left unwritten."""
        publication = await self._staging.write()
        return await asyncio.to_thread(self._named_anew, publication)

    def _named_anew(self, publication: Publication) -> Publication:
        tables: dict[str, TableVersion] = {}
        for name, table in publication.tables.items():
            datasets = {
                target: self._renamed(dataset) for target, dataset in table.datasets.items()
            }
            tables[name] = replace(table, datasets=datasets)
        return replace(publication, tables=tables)

    def _renamed(self, dataset: Dataset) -> Dataset:
        return replace(dataset, files=tuple(self._moved(file) for file in dataset.files))

    def _moved(self, file: DataFile) -> DataFile:
        """Into a folder of its own, with what was written beside it."""
        path = PurePosixPath(file.path)
        folder, home = self._mirror.root / path.parent, path.parent / secrets.token_hex(4)
        with storage_errors("Moving", folder):
            beside = list(folder.iterdir())
            (self._mirror.root / home).mkdir()
            for each in beside:
                each.rename(self._mirror.root / home / each.name)
        return replace(file, path=str(home / path.name))
