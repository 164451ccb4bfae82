"""The table exporter port."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from application.ports.query_engine import QueryResult
from domain.schema import Schema


@dataclass(frozen=True, slots=True)
class OutgoingTable:
    """A table on its way out.

    Attributes:
        name: qualified ("nft.nfts").
        schema: of its rows, provenance included.
        meaning: what a row is.
        version: of the catalog.
        rows: gives its rows, once.
    """

    name: str
    schema: Schema
    meaning: str
    version: int
    rows: Callable[[], AbstractContextManager[QueryResult]]


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """What arrived; notes say what had to be changed on the way."""

    name: str
    rows: int
    notes: tuple[str, ...] = ()


class TableExporter(Protocol):
    """Makes a copy of tables in another database. Blocking; memory does not grow with the rows."""

    @abstractmethod
    def export(self, tables: Sequence[OutgoingTable]) -> Sequence[ExportedTable]:
        """Copy all tables, or change nothing at the destination.

        Raises:
            UsageError: something is there that would be lost.
            ConfigurationError: the destination refuses us: name, password or rights.
            ExportError: the destination is away, full, or cannot hold a value.
            QueryError: the rows cannot be read.
        """
