"""Which columns tell the records apart."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from adapters.sources.drafting.columns import Column
from domain.errors import ParseError, UsageError

_EXACT = frozenset({"text", "integer", "date", "time", "epoch_s", "epoch_ms"})
_NAMES = ("id", "uuid", "guid", "key", "code", "slug", "symbol", "hash", "number", "name")
_MOST_COLUMNS = 24
_MOST_PARTS = 3
_LONGEST = 200


def propose_key(columns: Mapping[str, Column], records: Sequence[object]) -> tuple[str, ...]:
    """The shortest combination of columns that is there and differs in all records.

    Raises:
        ParseError: there is none among the likely ones.
    """
    values = {
        each.name: held
        for each in columns.values()
        if each.type in _EXACT and all(map(_tells, held := each.values(records)))
    }
    order = {name: at for at, name in enumerate(columns)}
    likely = sorted(values, key=lambda name: (_rank(columns[name]), order[name]))[:_MOST_COLUMNS]
    for size in range(1, _MOST_PARTS + 1):
        for names in combinations(likely, size):
            if len(set(zip(*(values[name] for name in names), strict=True))) == len(records):
                return tuple(sorted(names, key=order.__getitem__))
    repeated = len(records) - len({repr(each) for each in records})
    why = f": {repeated} of them are there twice" if repeated else ""
    message = (
        f"No columns tell the {len(records)} records apart{why}. Use an answer without "
        "repetitions, or one whose records carry an id or a time."
    )
    raise ParseError(message)


def check_key(
    wished: Sequence[str], columns: Mapping[str, Column], records: Sequence[object]
) -> tuple[str, ...]:
    """The key that a person wants.

    Raises:
        UsageError: it names no column, or does not tell the records apart.
    """
    for name in wished:
        if name not in columns:
            message = f"--key: {name!r} is no column. Columns: {', '.join(columns)}."
            raise UsageError(message)
        if columns[name].type not in _EXACT:
            message = f"--key: {name} is of type {columns[name].type}, which is no key."
            raise UsageError(message)
    rows = list(zip(*(columns[name].values(records) for name in wished), strict=True))
    if any(None in row for row in rows):
        message = f"--key {','.join(wished)}: some records have no value there."
        raise UsageError(message)
    if len(set(rows)) < len(rows):
        message = f"--key {','.join(wished)}: {len(rows) - len(set(rows))} records repeat."
        raise UsageError(message)
    return tuple(wished)


def _tells(value: object) -> bool:
    return value is not None and (type(value) is not str or len(value) <= _LONGEST)


def _rank(column: Column) -> int:
    last = column.name.rpartition("_")[2]
    if column.name in _NAMES:
        return _NAMES.index(column.name)
    if last in {"id", "uuid", "code", "slug", "key", "hash"}:
        return len(_NAMES)
    if column.type not in {"text", "integer"}:
        return len(_NAMES) + 1
    return len(_NAMES) + (2 if column.type == "text" else 3)
