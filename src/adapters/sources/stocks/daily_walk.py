"""One request for a series of days, and when all of it must be asked for again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from adapters.sources.candles.numbers import EPOCH
from adapters.sources.candles.windows import check_order, most
from adapters.sources.stocks.candle_table import DAY
from domain.requests import CacheMode, CachePolicy
from domain.sources import Options, Window
from domain.tables import Record

ASKED_ANEW = CachePolicy(CacheMode.REFRESH)
ADJUSTED_ANEW = (
    "a dividend or a split has changed the adjusted prices: the whole series was read again"
)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class DailyWalk:
    """The span that is asked for, in epoch seconds; a request's context.

    Attributes:
        since: first day; None for the beginning.
        until: what comes after the last day; None for now.
        left: most days; None for all.
        is_rest: an earlier run knows all before `since`; nobody has limited the span.
    """

    symbol: str
    since: int | None = None
    until: int | None = None
    left: int | None = None
    is_rest: bool = False

    @classmethod
    def of(cls, symbol: str, window: Window, options: Options) -> Self | None:
        """The walk for a window; None when nothing is to be asked.

        Raises:
            UsageError: the window ends before it begins.
        """
        check_order(window)
        left = most(options)
        since = window.since or window.complete_until
        is_rest = window.since is None and since is not None and left is None
        walk = cls(symbol, _seconds(since), _seconds(window.until), left, is_rest)
        return None if left == 0 else walk

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """The walk that a request carries."""
        return cls(**context)

    def to_context(self) -> dict[str, Any]:
        """The walk as JSON values."""
        return asdict(self)

    @property
    def begins(self) -> datetime | None:
        """`since` as a time."""
        return None if self.since is None else EPOCH + timedelta(seconds=self.since)

    @property
    def last_day(self) -> datetime | None:
        """The last day that is asked for."""
        return None if self.until is None else EPOCH + timedelta(seconds=self.until - 1)

    def holds(self, day: datetime) -> bool:
        """Whether a day is asked for."""
        at = (day - EPOCH) // _SECOND
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)

    def from_beginning(self) -> Self:
        """The same without a beginning."""
        return replace(self, since=None, is_rest=False)

    def complete_until(self, records: Sequence[Record], day: int, final: int) -> datetime | None:
        """The end of the last day that is final; days before it are final too.

        Args:
            records: of the answer, in order.
            day: where a record has its day.
            final: where it says whether it is final.
        """
        days = [record[day] for record in records if record[final]]
        last = days[-1] if days else None
        return last + DAY if isinstance(last, datetime) else None


def _seconds(at: datetime | None) -> int | None:
    """Rounded up."""
    return None if at is None else -((EPOCH - at) // _SECOND)
