"""Column arrays of Open-Meteo, and records made of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from adapters.sources.weather.places import Place
from domain.errors import ParseError
from domain.schema import Field, Kind
from domain.tables import Record

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400
_FARTHEST = 253_402_300_799
_LARGEST = 2**53
_LONGEST_OFFSET = 15 * 3600
_CLOCK_CHANGE = 2 * 3600

type Row = tuple[int, Sequence[object]]


def rows(block: Any, fields: Sequence[Field], asked: Sequence[str], offset: int) -> Iterator[Row]:
    """Each time of a block with its values in the order of the fields.

    Rows without any value are left out: the upstream fills up days that it knows nothing of.

    Args:
        block: `hourly` or `daily` of an answer.
        fields: columns of the table; those that were not asked for are null.
        asked: names of variables.
        offset: seconds east of Greenwich, for times without a zone.

    Raises:
        ParseError: a column is missing, of another length, or a time is none.
    """
    times = block.get("time") if type(block) is dict else None
    if type(times) is not list:
        message = "a block of columns has no times"
        raise ParseError(message)
    columns: list[Sequence[object]] = []
    for field in fields:
        if field.name not in asked:
            columns.append([None] * len(times))
            continue
        column = block.get(field.name)
        if type(column) is not list or len(column) != len(times):
            message = f"the column {field.name} is missing, or has not one value for each time"
            raise ParseError(message)
        columns.append([*map(_READERS[field.type], column)])  # type: ignore[index]  # scalar kinds
    before = -1
    for position, at in enumerate(times):
        seconds = epoch_seconds(at, offset)
        if seconds <= before:
            message = "the times of a block are not in order"
            raise ParseError(message)
        before = seconds
        values = [column[position] for column in columns]
        if any(value is not None for value in values):
            yield seconds, values


def offset_of(answer: Mapping[str, Any]) -> int:
    """Seconds east of Greenwich by the clocks of the place.

    Raises:
        ParseError: there is no such zone.
    """
    offset = answer.get("utc_offset_seconds")
    if type(offset) is not int or abs(offset) > _LONGEST_OFFSET:
        message = "the answer does not say how far its clocks are from UTC"
        raise ParseError(message)
    return offset


def epoch_seconds(at: Any, offset: int) -> int:
    """A time of a block: epoch seconds, or ISO text where the clocks are those of UTC.

    Local times are refused: when clocks change, some hours have none and some share one.
    """
    if type(at) is int and abs(at) <= _FARTHEST:
        return at
    if type(at) is str and offset == 0:
        try:
            return int(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp())
        except ValueError:
            pass
    message = "a time cannot be read"
    raise ParseError(message)


def hourly_record(place: Place, kind: str, seconds: int, values: Sequence[object]) -> Record:
    """A row of `hourly`."""
    at = _EPOCH + timedelta(seconds=seconds)
    return (place.label, place.latitude, place.longitude, at, kind, *values)


def daily_record(
    place: Place, kind: str, seconds: int, offset: int, values: Sequence[object]
) -> Record:
    """A row of `daily`."""
    day = local_day(seconds, offset)
    return (place.label, place.latitude, place.longitude, day, kind, *values)


def local_day(seconds: int, offset: int) -> date:
    """The day that begins at a moment; the clocks may have been changed since by an hour or two."""
    return date(1970, 1, 1) + timedelta(days=(seconds + offset + _CLOCK_CHANGE) // _DAY)


def _number(value: Any) -> float | None:
    fits = isinstance(value, int | float) and type(value) is not bool and abs(value) < _LARGEST
    return float(value) if fits else None


def _integer(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number.is_integer() else None


def _moment(value: Any) -> datetime | None:
    """Epoch seconds; 0 stands for a sun that does not rise or set."""
    if type(value) is not int or not 0 < value <= _FARTHEST:
        return None
    return _EPOCH + timedelta(seconds=value)


_READERS: Mapping[Kind, Callable[[Any], object]] = {
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.TIMESTAMP: _moment,
}
