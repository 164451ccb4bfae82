"""Checks that split a table's records into good ones and quarantined ones."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import NoneType

from domain.tables import Record, TableSpec


@dataclass(frozen=True, slots=True)
class Expectation:
    """What every record of a table must fulfil.

    Attributes:
        table: the table it is about.
        not_null: columns that must hold a value.
        accepted: for a column, the values it may hold (null is judged by `not_null` alone).
    """

    table: str
    not_null: tuple[str, ...] = ()
    accepted: tuple[tuple[str, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class QuarantinedRecord:
    """A record that was kept out of its table, and why."""

    rule: str
    reason: str
    record: Record


@dataclass(frozen=True, slots=True)
class CheckedRecords:
    """Records after the check; together they are what came in."""

    good: Sequence[Record]
    quarantined: Sequence[QuarantinedRecord]


class RecordChecker:
    """Applies a table's expectations; its key columns are always `not_null`."""

    def __init__(self, table: TableSpec, expectations: Sequence[Expectation] = ()) -> None:
        own = [each for each in expectations if each.table == table.name]
        not_null = dict.fromkeys((*table.key, *(c for each in own for c in each.not_null)))
        self._width = len(table.schema.fields)
        self._not_null = [(name, table.schema.positions([name])[0]) for name in not_null]
        self._accepted = [
            (name, table.schema.positions([name])[0], values)
            for each in own
            for name, values in each.accepted
        ]
        self._allowed = [(position, values | {None}) for _, position, values in self._accepted]

    def check(self, records: Sequence[Record]) -> CheckedRecords:
        """Split the records; nothing is lost and nothing is changed."""
        good: list[Record] = []
        bad: list[QuarantinedRecord] = []
        for record in records:
            if (complaint := self.complaint(record)) is None:
                good.append(record)
            else:
                bad.append(complaint)
        return CheckedRecords(good, bad)

    def are_good(
        self, columns: Sequence[Sequence[object]], types: Sequence[AbstractSet[type]]
    ) -> bool:
        """Whether there is no complaint about any of many records of the right width.

        Args:
            columns: their values, by column.
            types: those of the values of each column.
        """
        try:
            return not any(NoneType in types[position] for _, position in self._not_null) and all(
                allowed.issuperset(columns[position]) for position, allowed in self._allowed
            )
        except TypeError:  # a value that cannot be hashed
            return False

    def complaint(self, record: Record) -> QuarantinedRecord | None:
        """What is wrong with a record."""
        if len(record) != self._width:
            reason = f"{len(record)} values for {self._width} columns"
            return QuarantinedRecord("shape", reason, record)
        for name, position in self._not_null:
            if record[position] is None:
                return QuarantinedRecord("not_null", f"{name} is missing", record)
        for name, position, values in self._accepted:
            value = record[position]
            if value is not None and not _is_in(value, values):
                reason = f"{name} is {str(value)[:80]!r}"
                return QuarantinedRecord("accepted_values", reason, record)
        return None


def _is_in(value: object, values: frozenset[str]) -> bool:
    try:
        return value in values
    except TypeError:  # a value that cannot be hashed
        return False
