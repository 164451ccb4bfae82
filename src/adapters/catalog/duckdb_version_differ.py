"""Compares two versions of a table by a full join over their files."""

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from application.ports.version_differ import RowChange, TableDiff, VersionDiffer
from domain.errors import StorageError
from domain.manifest import Manifest, TableVersion
from domain.schema import Field
from domain.sql_names import literal, quoted, sql_type
from domain.tables import PROVENANCE

_MEMORY = "512MB"  # more spills
_PLACE, _LABEL, _NTH = "position", "trait_type", "_nth"
_OURS = frozenset(field.name for field in PROVENANCE)


class DuckDbVersionDiffer(VersionDiffer):
    """Over the files that the manifests name."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def diff(
        self, table: str, target: str, before: Manifest, after: Manifest, limit: int
    ) -> TableDiff:
        """Counts and examples of what differs."""
        return await asyncio.to_thread(self._diff, table, target, before, after, limit)

    def _diff(
        self, table: str, target: str, before: Manifest, after: Manifest, limit: int
    ) -> TableDiff:
        try:
            with (
                tempfile.TemporaryDirectory(prefix="app-diff-") as spill,
                duckdb.connect(":memory:") as connection,
            ):
                connection.execute(f"set memory_limit = '{_MEMORY}'")
                connection.execute(f"set temp_directory = {literal(spill)}")
                connection.execute("set TimeZone = 'UTC'")
                sides = [self._side(each, table, target) for each in (before, after)]
                return _Comparison(connection, table, *sides).result(limit)
        except duckdb.Error as error:
            message = f"Comparing {table} of {target} failed: {str(error)[:500]}"
            raise StorageError(message) from error

    def _side(self, manifest: Manifest, table: str, target: str) -> "_Side":
        version, dataset = manifest.tables.get(table), manifest.dataset(table, target)
        paths = [str(self._root / file.path) for file in dataset.files] if dataset else []
        return _Side(version, paths)


class _Side:
    """One version of the table: its comparable columns and its files."""

    def __init__(self, version: TableVersion | None, paths: Sequence[str]) -> None:
        fields = version.schema.fields if version else ()
        self.fields = {f.name: f for f in fields if f.name not in _OURS and not f.volatile}
        self.key = version.key if version else ()
        self._paths = paths

    def relation(self, columns: Sequence[Field], owner: Sequence[str] | None = None) -> str:
        """The rows with these columns; those that the version lacks are null.

        With an owner, that is the columns of what a labelled row belongs to, rows with the same
        owner and label are numbered from 1 in `_nth`.
        """
        rows = self._rows(columns)
        if owner is None:
            return rows
        same = ", ".join(quoted(name) for name in (*owner, _LABEL))
        place = quoted(_PLACE)
        numbered = f"row_number() over (partition by {same} order by {place}) as {_NTH}"
        return f"(select *, {numbered} from {rows})"  # noqa: S608  # all quoted

    def _rows(self, columns: Sequence[Field]) -> str:
        selected = ", ".join(
            quoted(field.name)
            if self._paths and field.name in self.fields
            else f"null::{sql_type(field.type)} as {quoted(field.name)}"
            for field in columns
        )
        if not self._paths:
            return f"(select {selected}, true as _here where false)"
        paths = ", ".join(literal(path) for path in self._paths)
        files = f"read_parquet([{paths}], hive_partitioning = false, union_by_name = true)"
        return f"(select {selected}, true as _here from {files})"  # noqa: S608  # all quoted


class _Comparison:
    """A full join of both sides by the key of the later one.

    Labelled rows in a list are told apart by label, not by place: a trait that goes from the head
    of a list would else change all that follow it.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, table: str, before: _Side, after: _Side
    ) -> None:
        self._connection = connection
        self._table = table
        self._before = before
        self._after = after
        self._key = after.key or before.key
        fields = {**before.fields, **after.fields}
        self._rest = [name for name in fields if name not in self._key]
        columns = [fields[name] for name in (*self._key, *self._rest)]
        is_list = self._key[-1:] == (_PLACE,) and _LABEL in fields
        owner = self._key[:-1] if is_list else None
        matched = (*self._key[:-1], _LABEL, _NTH) if is_list else self._key
        on = " and ".join(f"b.{quoted(k)} is not distinct from a.{quoted(k)}" for k in matched)
        one, other = before.relation(columns, owner), after.relation(columns, owner)
        self._joined = f"{one} b full join {other} a on {on}"
        differs = " or ".join(self._differs(name) for name in self._rest) or "false"
        self._changed = f"(b._here and a._here and ({differs}))"

    def result(self, limit: int) -> TableDiff:
        """Counts, and the first examples."""
        ((added, removed, changed),) = self._connection.execute(
            "select count(*) filter (where b._here is null), "  # noqa: S608  # all quoted
            "count(*) filter (where a._here is null), "
            f"count(*) filter (where {self._changed}) from {self._joined}"
        ).fetchall()
        before, after = set(self._before.fields), set(self._after.fields)
        both = before and after
        return TableDiff(
            table=self._table,
            added=added,
            removed=removed,
            changed=changed,
            new_columns=sorted(after - before) if both else (),
            gone_columns=sorted(before - after) if both else (),
            examples=list(self._examples(limit)),
        )

    def _examples(self, limit: int) -> Iterator[RowChange]:
        names = [*self._key, *self._rest]
        columns = [f"{side}.{quoted(name)}" for side in "ba" for name in names]
        order = ", ".join(f"coalesce(a.{quoted(k)}, b.{quoted(k)})" for k in self._key)
        rows = self._connection.execute(
            f"select b._here, a._here, {', '.join(columns)} from {self._joined} "  # noqa: S608  # all quoted
            f"where b._here is null or a._here is null or {self._changed} "
            f"order by {order} limit {int(limit)}"
        )
        for was, is_there, *values in rows.fetchall():
            old = dict(zip(names, values[: len(names)], strict=True))
            new = dict(zip(names, values[len(names) :], strict=True))
            yield self._change(old if was else None, new if is_there else None)

    def _change(self, old: dict[str, Any] | None, new: dict[str, Any] | None) -> RowChange:
        shown = new or old or {}
        key = {name: shown[name] for name in self._key}
        row = {name: shown[name] for name in self._rest}
        if old is None or new is None:
            return RowChange("removed" if new is None else "added", key, row, {})
        before = {name: old[name] for name in self._rest if old[name] != new[name]}
        return RowChange("changed", key, row, before)

    def _differs(self, name: str) -> str:
        """Null-safe; as text where the type has changed."""
        one, other = self._before.fields.get(name), self._after.fields.get(name)
        cast = "::varchar" if one and other and one.type != other.type else ""
        return f"b.{quoted(name)}{cast} is distinct from a.{quoted(name)}{cast}"
