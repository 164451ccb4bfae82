"""The dataset writer port."""

from abc import abstractmethod
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.expectations import QuarantinedRecord
from domain.manifest import Manifest, Publication
from domain.page_results import AnswerRows
from domain.runs import RowCounts, Run
from domain.sources import Source
from domain.staged_rows import StagedTable
from domain.tables import Record


@dataclass(frozen=True, slots=True)
class SealedRun:
    """A run's rows, merged and counted, and still unpublished.

    Attributes:
        publication: what they say; its data sets name no files as long as none are written.
        tables: the balance of each table (qualified name).
        is_written: whether the rows are in files, durable and verified.
    """

    publication: Publication
    tables: Mapping[str, RowCounts]
    is_written: bool = True


class Staging(Protocol):
    """The rows of one run before they are published; memory stays bounded.

    `append` and `quarantine` only gather, so that what belongs together is added together;
    `drain`, called as soon as it `is_full`, writes what has become too much to hold.
    """

    @property
    @abstractmethod
    def is_full(self) -> bool:
        """More is held than should be."""

    @abstractmethod
    def append(self, table: str, records: Sequence[Record], fetched_at: datetime) -> None:
        """Add records to a table (unqualified name).

        Records that break an expectation of the source or cannot be stored under the schema go
        to quarantine, with the reason; they are counted when the run is sealed.
        """

    def append_answers(self, table: str, answers: Sequence[AnswerRows]) -> None:
        """The same for what several answers gave."""
        for fetched_at, records in answers:
            self.append(table, records, fetched_at)

    @abstractmethod
    def quarantine(
        self, table: str, records: Sequence[QuarantinedRecord], fetched_at: datetime
    ) -> None:
        """Keep records out of the table that the source itself refuses, with its reasons."""

    @abstractmethod
    async def drain(self) -> None:
        """Wait until there is room for more.

        Raises:
            StorageError: the disk is full or broken; nothing published changes.
        """

    @abstractmethod
    def checkpoint(self) -> Awaitable[Mapping[str, StagedTable]]:
        """All that was added before this call, by table, durable once it is awaited.

        The cut is made by the call itself; what is added meanwhile is not part of it.
        StorageError when it cannot be written.
        """

    @abstractmethod
    async def seal(self, current: Manifest | None = None) -> SealedRun:
        """Sort, drop duplicates by key (the newest stays), write, fsync and verify.

        A table with write mode `merge` begins with the rows that its target has already.

        Args:
            current: a version; nothing is written if every table says what it says already.

        Raises:
            StorageError: writing failed, or the balance of a table does not add up.
        """

    @abstractmethod
    async def write(self) -> Publication:
        """Write after all what `seal` has left unwritten.

        Raises:
            StorageError: writing failed.
        """


class DatasetWriter(Protocol):
    """Opens staging areas."""

    @abstractmethod
    def open(
        self, run: Run, source: Source, staged: Mapping[str, StagedTable] | None = None
    ) -> AbstractAsyncContextManager[Staging]:
        """A staging area; leaving the context removes it, unless the run can go on from it.

        Args:
            run: the run.
            source: its source.
            staged: rows that the run staged before it was stopped, as its checkpoint says.

        Raises:
            StorageError: what was staged is damaged, or the area cannot be made.
        """

    @abstractmethod
    async def discard(self, run_id: str) -> None:
        """Remove what a stopped run left, its checkpoint too; what it published stays."""

    @abstractmethod
    async def is_abandoned(self, run_id: str) -> bool:
        """Whether a run was killed: its staging area is here, and nobody holds it.

        False also where that cannot be known.
        """

    @abstractmethod
    async def sweep(self) -> Mapping[str, str]:
        """Remove what killed runs left and nobody can use any more.

        By run, why one that had a checkpoint cannot go on from it; empty where there was none.
        """
