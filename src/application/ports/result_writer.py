"""The result writer port."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from application.ports.query_engine import QueryResult


@dataclass(frozen=True, slots=True)
class Layout:
    """How a result is written.

    Attributes:
        format: table, csv, tsv, json, ndjson, markdown, line, parquet, arrow (a stream) or
            arrow-file.
        limit: most rows written; None for all.
        null: text for NULL in csv, tsv, table, line and markdown; None for the format's own.
        width: columns of the terminal, for `table`; None for no cut.
        types: whether `table` has a row of types under its header.
        count_more: whether to count the rows that `limit` holds back, as far as that is quick.
    """

    format: str
    limit: int | None = None
    header: bool = True
    null: str | None = None
    width: int | None = None
    types: bool = False
    count_more: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """What went out, and what did not.

    Attributes:
        truncated: whether `limit` held rows back.
        hidden: columns that `width` had no room for.
        more: rows held back; None where they were not counted, or are too many to count.
    """

    rows: int
    truncated: bool
    hidden: int = 0
    more: int | None = None


class ResultWriter(Protocol):
    """Writes query results."""

    @abstractmethod
    def write(self, result: QueryResult, layout: Layout, sink: BinaryIO) -> Written:
        """Stream the result.

        Raises:
            UsageError: an unknown format, or a word for NULL that it cannot have.
            QueryError: values that the format cannot hold.
        """
