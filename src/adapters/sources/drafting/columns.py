"""Columns for the members of records, with the types that all their values fit."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.sources.declared.paths import finder
from adapters.sources.declared.transforms import transform
from adapters.sources.drafting.names import column_name
from adapters.sources.json_documents import ExactNumber

_MOST = 250
_DEEPEST = 6
_COORDINATES = 4
_COUNTED = frozenset({"id", "number", "count", "index", "year", "rank", "position", "total"})
_ENOUGH = 100  # records in which a fraction would have shown itself
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.DOTALL)
_DECIMAL = re.compile(r"-?\d{1,30}\.\d{1,30}")
_TIMELY = re.compile(
    r"(?i)(^|_)(time|timestamp|ts|date|at|on|created|updated|modified|expires|start|end|since|until)"
    r"\d*($|_)|time$|date$|[a-z]At$|^t$"
)
_FIRST = "0"  # rows of numbers begin with their time
_SECONDS = range(100_000_000, 10_000_000_000)
_MILLISECONDS = range(100_000_000_000, 10_000_000_000_000)
_LABELS = ("name", "title", "label", "code", "symbol", "id", "key", "value")
_WHOLE = 2**63
_SCALARS = frozenset({str, int, bool, ExactNumber})


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is proposed."""

    name: str
    type: str
    path: str
    item: str = ""

    def values(self, records: Sequence[Any]) -> list[object]:
        """What the column holds for each record."""
        find, convert = finder(self.path), transform(self.type, self.item)[0]
        return [convert(find(each)) for each in records]


class ColumnFinder:
    """Goes through the records once, member by member; `notes` say what was left out."""

    def __init__(self) -> None:
        self.columns: dict[str, Column] = {}
        self.notes: list[str] = []
        self.empty: list[str] = []

    def find(self, records: Sequence[Any]) -> list[Column]:
        """The columns, in the order in which members come."""
        self._members((), list(records))
        if self.empty:
            self.notes.append(f"Null everywhere and so taken for text: {', '.join(self.empty)}.")
        whole = [
            each.name
            for each in self.columns.values()
            if each.type == "integer" and each.name.rpartition("_")[2] not in _COUNTED
        ]
        if whole and len(records) < _ENOUGH:
            few = f"Whole in these {len(records)} records and so taken for integers"
            rule = "where fractions can come, the type is number"
            self.notes.append(f"{few}: {', '.join(whole)}; {rule}.")
        return list(self.columns.values())

    def _members(self, parts: tuple[str, ...], holders: list[Any]) -> None:
        if type(holders[0]) is list:
            names = [str(at) for at in range(max(map(len, holders)))]
        else:
            names = list(dict.fromkeys(name for each in holders for name in each))
        for name in names:
            if not name or "." in name or not name.isprintable():
                self._leave_out((*parts, name), "its name cannot stand in a path")
                continue
            find = finder(name)
            values = [found for each in holders if (found := find(each)) is not None]
            self._value((*parts, name), values)

    def _value(self, parts: tuple[str, ...], values: list[Any]) -> None:
        kinds = {type(each) for each in values}
        if len(self.columns) >= _MOST:
            self._leave_out(parts, f"there are {_MOST} columns already")
        elif kinds == {dict}:
            if len(parts) >= _DEEPEST:
                self._leave_out(parts, "it nests too deeply")
            else:
                self._members(parts, values)
        elif kinds == {list}:
            self._list(parts, values)
        elif not kinds:
            self.empty.append(".".join(parts))
            self._add(parts, "text")
        elif kinds <= _SCALARS and (kinds == {bool} or bool not in kinds):
            self._add(parts, _scalar_type(parts[-1], values))
        else:
            self._leave_out(parts, f"it is now {' and now '.join(sorted(map(_kind, kinds)))}")

    def _list(self, parts: tuple[str, ...], values: list[list[Any]]) -> None:
        items = [each for value in values for each in value if each is not None]
        kinds = {type(each) for each in items}
        lengths = {len(each) for each in values}
        if kinds == {dict}:
            label = next((each for each in _LABELS if _labels(each, items)), None)
            if label is None:
                self._leave_out(parts, "it is a list of objects without a name")
            else:
                self.notes.append(f"{'.'.join(parts)}: of each object, {label} is kept.")
                self._add(parts, "texts", label)
        elif kinds <= {int, ExactNumber} and kinds and lengths <= {*range(1, _COORDINATES + 1)}:
            for at in range(max(lengths)):
                there = [each[at] for each in values if len(each) > at and each[at] is not None]
                self._value((*parts, str(at)), there)
        elif kinds <= {str, int, ExactNumber}:
            self._add(parts, "texts")
        else:
            self._leave_out(parts, "it is a list of lists or of mixed things")

    def _add(self, parts: tuple[str, ...], kind: str, item: str = "") -> None:
        name = column_name(parts, self.columns)
        self.columns[name] = Column(name, kind, ".".join(parts), item)

    def _leave_out(self, parts: tuple[str, ...], why: str) -> None:
        self.notes.append(f"{'.'.join(parts)!a} is left out: {why}.")


def _labels(name: str, items: Sequence[Any]) -> bool:
    return all(type(each.get(name)) in (str, int) and each[name] != "" for each in items)


def _scalar_type(name: str, values: Sequence[Any]) -> str:
    kinds = {type(each) for each in values}
    if kinds == {bool}:
        return "boolean"
    if kinds <= {int, ExactNumber}:
        if not all(abs(each) < _WHOLE for each in values if type(each) is int):
            return "text"
        return "number" if ExactNumber in kinds else _epoch(name, values) or "integer"
    return _written_type([each for each in values if each]) if kinds == {str} else "text"


def _written_type(values: Sequence[str]) -> str:
    """What texts are that all look alike."""
    for kind, form in (("date", _DATE), ("time", _TIME), ("number", _DECIMAL)):
        convert = transform(kind, "")[0]
        if values and all(form.fullmatch(each) and convert(each) is not None for each in values):
            return kind
    return "text"


def _epoch(name: str, values: Sequence[int]) -> str | None:
    if not _TIMELY.search(name) and name != _FIRST:
        return None
    for kind, span in (("epoch_s", _SECONDS), ("epoch_ms", _MILLISECONDS)):
        if all(each in span for each in values):
            return kind
    return None


def _kind(kind: type) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return names.get(kind, "a number")
