"""Checks that split a table's records into good ones and quarantined ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter

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

    def __init__(self, table: TableSpec, expectations: Sequence[Expectation]) -> None:
        own = [each for each in expectations if each.table == table.name]
        not_null = dict.fromkeys((*table.key, *(c for each in own for c in each.not_null)))
        self._width = len(table.schema.fields)
        self._not_null = [(name, table.schema.positions([name])[0]) for name in not_null]
        self._accepted = [
            (name, table.schema.positions([name])[0], values)
            for each in own
            for name, values in each.accepted
        ]
        positions = [position for _, position in self._not_null]
        alone = len(positions) == 1  # itemgetter would give no tuple
        self._required = itemgetter(*positions, *positions) if alone else itemgetter(*positions)
        self._allowed = [
            (itemgetter(position), values | {None}) for _, position, values in self._accepted
        ]

    def check(self, records: Sequence[Record]) -> CheckedRecords:
        """Split the records; nothing is lost and nothing is changed."""
        if self._are_all_good(records):
            return CheckedRecords(records, ())
        reasons = [self._complaint(record) for record in records]
        good: list[Record] = []
        bad: list[QuarantinedRecord] = []
        for record, complaint in zip(records, reasons, strict=True):
            if complaint is None:
                good.append(record)
            else:
                bad.append(QuarantinedRecord(*complaint, record))
        return CheckedRecords(good, bad)

    def _are_all_good(self, records: Sequence[Record]) -> bool:
        """The same question as below, for all records at once."""
        try:
            return (
                {*map(len, records)} <= {self._width}
                and None not in chain.from_iterable(map(self._required, records))
                and all(
                    allowed.issuperset(map(value_of, records))
                    for value_of, allowed in self._allowed
                )
            )
        except TypeError:  # a value that cannot be hashed
            return False

    def _complaint(self, record: Record) -> tuple[str, str] | None:
        if len(record) != self._width:
            return "shape", f"{len(record)} values for {self._width} columns"
        for name, position in self._not_null:
            if record[position] is None:
                return "not_null", f"{name} is missing"
        for name, position, values in self._accepted:
            value = record[position]
            if value is not None and value not in values:
                return "accepted_values", f"{name} is {str(value)[:80]!r}"
        return None
