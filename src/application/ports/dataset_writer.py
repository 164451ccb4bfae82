"""The dataset writer port."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.expectations import QuarantinedRecord
from domain.manifest import Publication
from domain.runs import RowCounts, Run
from domain.sources import Source
from domain.tables import Record


@dataclass(frozen=True, slots=True)
class SealedRun:
    """A run's rows, merged, verified and durable, and still unpublished."""

    publication: Publication
    tables: Mapping[str, RowCounts]


class Staging(Protocol):
    """The rows of one run before they are published; memory stays bounded."""

    @abstractmethod
    async def append(self, table: str, records: Sequence[Record], fetched_at: datetime) -> None:
        """Add records to a table (unqualified name).

        Records that cannot be stored under the schema go to quarantine.

        Raises:
            StorageError: the disk is full or broken; nothing published changes.
        """

    @abstractmethod
    async def quarantine(
        self, table: str, records: Sequence[QuarantinedRecord], fetched_at: datetime
    ) -> None:
        """Keep records out of the table, with their reasons."""

    @abstractmethod
    async def seal(self) -> SealedRun:
        """Sort, drop duplicates by key (the newest stays), write, fsync and verify.

        Raises:
            StorageError: writing failed, or the balance of a table does not add up.
        """


class DatasetWriter(Protocol):
    """Opens staging areas."""

    @abstractmethod
    def open(self, run: Run, source: Source) -> AbstractAsyncContextManager[Staging]:
        """A staging area; leaving the context removes what was not sealed."""

    @abstractmethod
    async def sweep(self) -> int:
        """Remove staging areas and files of killed runs; how many."""
