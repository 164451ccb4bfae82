"""What every query engine keeps to."""

from typing import Any

import pytest

from application.ports.query_engine import Query, QueryEngine
from domain.errors import QueryError, QueryTimeoutError, StatementRefusedError
from domain.manifest import Manifest


class QueryEngineContract:
    """Subclasses give `engine`, and `manifest`: 30 rows in `test.items`."""

    @pytest.fixture
    def engine(self) -> QueryEngine:
        raise NotImplementedError

    @pytest.fixture
    def manifest(self) -> Manifest:
        raise NotImplementedError

    def _rows(
        self, engine: QueryEngine, manifest: Manifest, sql: str, **options: Any
    ) -> list[tuple[Any, ...]]:
        with engine.run(Query(sql, **options), manifest, []) as result:
            return [
                row
                for batch in result.batches()
                for row in zip(*batch.to_pydict().values(), strict=True)
            ]

    def test_published_rows_are_answered(self, engine: QueryEngine, manifest: Manifest) -> None:
        """By the table's short and its full name."""
        for name in ("items", "test.items"):
            assert self._rows(engine, manifest, f"select count(*) from {name}") == [(30,)]

    def test_columns_are_told_before_the_rows(
        self, engine: QueryEngine, manifest: Manifest
    ) -> None:
        """Also of a result without rows."""
        with engine.run(Query("select 1 as a, 'x' as b where false"), manifest, []) as result:
            assert [column.name for column in result.columns] == ["a", "b"]
            assert list(result.arrow_schema.names) == ["a", "b"]
            assert sum(batch.num_rows for batch in result.batches()) == 0

    def test_what_writes_is_refused(self, engine: QueryEngine, manifest: Manifest) -> None:
        """Before anything runs."""
        for sql in ("copy items to 'x.csv'", "create table x as select 1", "select 1; select 2"):
            with pytest.raises(StatementRefusedError):
                self._rows(engine, manifest, sql)

    def test_what_is_wrong_is_a_query_error(self, engine: QueryEngine, manifest: Manifest) -> None:
        """Syntax, names, and values in the middle of a result."""
        for sql in ("select from", "from nothing", "select cast('x' as int) from items"):
            with pytest.raises(QueryError):
                self._rows(engine, manifest, sql)

    def test_each_question_stands_alone(self, engine: QueryEngine, manifest: Manifest) -> None:
        """A failed one leaves no trace, and two can be open at once."""
        with pytest.raises(QueryError):
            self._rows(engine, manifest, "from nothing")
        with (
            engine.run(Query("select 1 as a"), manifest, []) as one,
            engine.run(Query("select 2 as a"), manifest, []) as other,
        ):
            assert [b.to_pydict() for b in one.batches()] == [{"a": [1]}]
            assert [b.to_pydict() for b in other.batches()] == [{"a": [2]}]

    def test_values_are_bound(self, engine: QueryEngine, manifest: Manifest) -> None:
        """They never become part of the statement."""
        values = {"a": "' or 1=1"}
        found = self._rows(engine, manifest, "select $a as a", parameters=values)

        assert found == [("' or 1=1",)]

    def test_meta_tables_are_there(self, engine: QueryEngine, manifest: Manifest) -> None:
        """Whatever was published."""
        for name in ("runs", "datasets", "snapshots", "files", "checks", "quarantine"):
            self._rows(engine, manifest, f"select * from meta.{name}")

    def test_a_result_may_be_left_unread(self, engine: QueryEngine, manifest: Manifest) -> None:
        """And the next query is not held up."""
        with engine.run(Query("select * from range(1000000)"), manifest, []) as result:
            next(iter(result.batches()))

        assert self._rows(engine, manifest, "select 1") == [(1,)]

    def test_an_error_midway_is_a_query_error(
        self, engine: QueryEngine, manifest: Manifest
    ) -> None:
        """After rows have been read."""
        sql = "select case when i = 50000 then error('midway') else i end from range(60000) r(i)"
        with pytest.raises(QueryError, match="midway"):
            self._rows(engine, manifest, sql)

    @pytest.mark.parametrize(
        "sql",
        [
            "with x as (copy (select 1) to 'x.csv') from x",
            "attach ':memory:' as m",
            "set threads = 1",
            "from read_text('/etc/passwd')",
        ],
    )
    def test_what_reaches_outside_is_refused(
        self, engine: QueryEngine, manifest: Manifest, sql: str
    ) -> None:
        """Also where it is hidden in a statement that reads."""
        with pytest.raises(StatementRefusedError):
            self._rows(engine, manifest, sql)

    def test_time_is_bounded(self, engine: QueryEngine, manifest: Manifest) -> None:
        """A query that would never end does."""
        sql = "select count(*) from range(10000000) a, range(10000000) b"
        with pytest.raises(QueryTimeoutError):
            self._rows(engine, manifest, sql, timeout=0.2)
