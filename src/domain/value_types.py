"""Whether a value is of a column's type."""

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Final

from domain.schema import FieldType, Kind, ListOf, StructOf

_LARGEST = 2**63


def fits(kind: FieldType, value: object) -> bool:
    """Whether a record may carry the value in a column of that type; null fits everywhere."""
    if value is None:
        return True
    match kind:
        case Kind():
            return _SCALARS[kind](value)
        case ListOf(item):
            return isinstance(value, list | tuple) and all(fits(item, each) for each in value)
        case StructOf(members):
            return (
                isinstance(value, tuple)
                and len(value) == len(members)
                and all(fits(own.type, each) for own, each in zip(members, value, strict=True))
            )


_SCALARS: Final[Mapping[Kind, Callable[[object], bool]]] = {
    Kind.STRING: lambda value: isinstance(value, str),
    Kind.BOOLEAN: lambda value: isinstance(value, bool),
    Kind.INTEGER: lambda value: type(value) is int and -_LARGEST <= value < _LARGEST,
    Kind.NUMBER: lambda value: isinstance(value, float) and math.isfinite(value),
    Kind.TIMESTAMP: lambda value: isinstance(value, datetime) and value.tzinfo is not None,
    Kind.DATE: lambda value: type(value) is date,
}
