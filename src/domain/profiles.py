"""What the columns of a data set hold, in a few figures."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

FORMAT = 1
_TOP = 10
type Scalar = str | int | float | bool
"""A value as JSON has it; moments and dates are ISO 8601 texts, long texts are cut."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column.

    Attributes:
        nulls: rows without a value.
        distinct: different values, null left out; None where they were not counted (nested
            values, very long texts).
        is_exact: whether `distinct` and the counts of `top` are exact, not estimates.
        minimum, maximum: null where there is no value or no order.
        top: the most frequent values and how often each occurs, the most frequent first; empty
            where no value occurs twice.
    """

    name: str
    nulls: int
    distinct: int | None = None
    is_exact: bool = True
    minimum: Scalar | None = None
    maximum: Scalar | None = None
    top: tuple[tuple[Scalar, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TableProfile:
    """The rows of one target in one table."""

    rows: int
    columns: tuple[ColumnProfile, ...]


def profile_to_json(profile: TableProfile) -> bytes:
    """The profile as a JSON document."""
    value = {"format": FORMAT, **asdict(profile)}
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


def profile_from_json(document: bytes) -> TableProfile | None:
    """The profile that `profile_to_json` wrote; None for anything else."""
    try:
        value = json.loads(document)
        if value["format"] != FORMAT:
            return None
        columns = tuple(_column(each) for each in value["columns"])
        return TableProfile(int(value["rows"]), columns)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


def _column(value: Mapping[str, Any]) -> ColumnProfile:
    found = dict(value)
    found["top"] = tuple((each, int(count)) for each, count in value["top"])
    return ColumnProfile(**found)


def joined_profile(profiles: Sequence[TableProfile]) -> TableProfile:
    """The profile of several data sets of a table together.

    Of a value nobody can tell from the parts in how many of them it occurs: the number of
    different values is that of the part with the most, at least, and so not exact.
    """
    if len(profiles) == 1:
        return profiles[0]
    names = dict.fromkeys(column.name for each in profiles for column in each.columns)
    return TableProfile(
        rows=sum(each.rows for each in profiles),
        columns=tuple(_joined(name, profiles) for name in names),
    )


def _joined(name: str, profiles: Sequence[TableProfile]) -> ColumnProfile:
    parts: list[ColumnProfile] = []
    nulls = 0
    for each in profiles:
        found = next((column for column in each.columns if column.name == name), None)
        nulls += each.rows if found is None else found.nulls
        parts.extend([found] if found is not None else [])
    counts: Counter[Scalar] = Counter()
    for part in parts:
        counts.update(dict(part.top))
    distinct = [part.distinct for part in parts if part.distinct is not None]
    return ColumnProfile(
        name=name,
        nulls=nulls,
        distinct=max(distinct) if len(distinct) == len(parts) else None,
        is_exact=False,
        minimum=_bound(min, [part.minimum for part in parts]),
        maximum=_bound(max, [part.maximum for part in parts]),
        top=tuple(counts.most_common(_TOP)),
    )


def _bound(choose: Callable[..., Any], bounds: Sequence[Scalar | None]) -> Scalar | None:
    """Null where the parts have values of different kinds: the column's type has changed."""
    there = [each for each in bounds if each is not None]
    try:
        found: Scalar | None = choose(there, default=None)
    except TypeError:
        return None
    return found
