"""The query engine port."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from domain.manifest import Manifest
from domain.runs import Run
from domain.snapshots import Snapshot


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the catalog.

    Attributes:
        sql: one statement that reads.
        parameters: values for `$name`.
        timeout: seconds; memory: DuckDB's words ("1GB").
        allowed_paths: files and folders of the caller that this one query may read.
        max_rows, max_bytes: of the result; None for no bound.
    """

    sql: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 300.0
    memory: str = "2GB"
    allowed_paths: tuple[Path, ...] = ()
    max_rows: int | None = None
    max_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A result column and its SQL type."""

    name: str
    type: str


class QueryResult(Protocol):
    """A result that is read once, in batches; memory does not grow with it."""

    @property
    @abstractmethod
    def columns(self) -> Sequence[Column]:
        """Names and SQL types."""

    @property
    @abstractmethod
    def arrow_schema(self) -> Any:
        """Names and Arrow types."""

    @abstractmethod
    def batches(self) -> Iterator[Any]:
        """Arrow record batches. QueryError or QueryTimeoutError when the engine fails midway."""


class QueryEngine(Protocol):
    """Answers SQL over one version. Blocking: call it from a thread or a command."""

    @abstractmethod
    def warm_up(self) -> None:
        """A statement will come: get ready for it, and return at once."""

    @abstractmethod
    def close(self) -> None:
        """No statement will come any more."""

    @abstractmethod
    def run(
        self,
        query: Query,
        manifest: Manifest,
        runs: Sequence[Run],
        snapshots: Sequence[Snapshot] = (),
    ) -> AbstractContextManager[QueryResult]:
        """Run one reading statement over views of the manifest's tables and `meta.*`.

        Runs and snapshots are for tables of `meta`, and may cost time to look at: that is done
        only for a statement that may read these tables.

        Raises:
            StatementRefusedError: not a single reading statement.
            QueryError: SQL that fails; DuckDB's message with its caret line.
            QueryTimeoutError: longer than `timeout`.
            UsageError: a limit that is none, or an allowed path that is not there.
        """
