"""What the requests of a page led to, down to the last answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from domain.requests import Request
from domain.sources import Failure
from domain.tables import Record


class AnswerRows(NamedTuple):
    """Records of one table that one answer gave."""

    fetched_at: datetime
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class PageResult:
    """All that the answers behind a page gave.

    Attributes:
        rows: by table, in the order in which the answers came.
        again: requests that are to be asked again.
        failures, items, notes, tallies: as `Page` has them, added up.
    """

    rows: Mapping[str, Sequence[AnswerRows]]
    again: Sequence[Request] = ()
    failures: Sequence[Failure] = ()
    items: int = 0
    notes: Sequence[str] = ()
    tallies: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePage:
    """A page whose answers have all come.

    Attributes:
        key: of its requests.
        address: of the page, as its request has it.
        asked: the requests whose answers the result holds.
        received_at: when the oldest of their answers was received.
        reusable_until: epoch seconds until which none of them would be asked for again.
    """

    key: str
    address: str
    result: PageResult
    asked: Sequence[Request]
    received_at: datetime
    reusable_until: float
