"""A destination in memory."""

from collections.abc import Sequence
from typing import Any

from application.ports.table_exporter import ExportedTable, OutgoingTable, TableExporter


class FakeTableExporter(TableExporter):
    """Keeps rows by table name; `error` is raised before anything is copied.

    Attributes:
        tables: what arrived.
        asked: the names of each export.
    """

    def __init__(self, error: BaseException | None = None, notes: tuple[str, ...] = ()) -> None:
        self.tables: dict[str, list[tuple[Any, ...]]] = {}
        self.asked: list[list[str]] = []
        self._error = error
        self._notes = notes

    def export(self, tables: Sequence[OutgoingTable]) -> Sequence[ExportedTable]:
        self.asked.append([each.name for each in tables])
        if self._error:
            raise self._error
        read = {table.name: _rows(table) for table in tables}
        self.tables.update(read)
        return [ExportedTable(name, len(rows), self._notes) for name, rows in read.items()]


def _rows(table: OutgoingTable) -> list[tuple[Any, ...]]:
    with table.rows() as result:
        return [
            row
            for batch in result.batches()
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
        ]
