"""A query result straight from DuckDB, without a catalog around it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb

from adapters.catalog.exact_types import exact
from application.ports.query_engine import Column, QueryResult


class DuckDbRows(QueryResult):
    """The rows of a statement, as the engine hands them over."""

    def __init__(
        self, sql: str, parameters: Mapping[str, Any] | None = None, *, batch: int = 10_000
    ) -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("set TimeZone = 'UTC'")
        relation = self._connection.sql(sql, params=dict(parameters) if parameters else None)
        self._columns = [
            Column(name, str(kind))
            for name, kind in zip(relation.columns, relation.types, strict=True)
        ]
        self._reader = exact(relation).to_arrow_reader(batch)

    @property
    def columns(self) -> Sequence[Column]:
        return self._columns

    @property
    def arrow_schema(self) -> Any:
        return self._reader.schema

    def batches(self) -> Iterator[Any]:
        while (batch := next(self._reader, None)) is not None:
            yield batch
        self._connection.close()
