"""The result writer port."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from application.ports.query_engine import QueryResult


@dataclass(frozen=True, slots=True)
class Layout:
    """How a result is written.

    Attributes:
        limit: most rows written; None for all.
        null: text for NULL in csv, tsv, table and markdown.
        width: columns of the terminal, for `table`; None for no cut.
    """

    format: str
    limit: int | None = None
    header: bool = True
    null: str = ""
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows went out, and whether `limit` held some back."""

    rows: int
    truncated: bool


class ResultWriter(Protocol):
    """Writes query results."""

    @abstractmethod
    def write(self, result: QueryResult, layout: Layout, sink: BinaryIO) -> Written:
        """Stream the result; UsageError for an unknown format."""
