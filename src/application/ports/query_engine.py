"""The query engine port."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from domain.manifest import Manifest
from domain.runs import Run


@dataclass(frozen=True, slots=True)
class Query:
    """A question to the catalog.

    Attributes:
        sql: one statement that reads.
        parameters: values for `$name`.
        timeout: seconds; memory: DuckDB's words ("1GB").
    """

    sql: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 300.0
    memory: str = "2GB"


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
    def run(
        self, query: Query, manifest: Manifest, runs: Sequence[Run]
    ) -> AbstractContextManager[QueryResult]:
        """Run one reading statement over views of the manifest's tables and `meta.*`.

        Raises:
            StatementRefusedError: not a single reading statement.
            QueryError: SQL that fails; DuckDB's message with its caret line.
            QueryTimeoutError: longer than `timeout`.
        """
