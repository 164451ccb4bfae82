"""Which klines of Binance are asked for next (`GET /api/v3/klines`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Self

from adapters.sources.candles.binance_intervals import MILLISECONDS, MONTH
from adapters.sources.candles.numbers import epoch
from adapters.sources.candles.windows import page_windows
from domain.requests import CacheMode, CachePolicy, Request

PAGE_SIZE = 1000
_WEIGHT = 2
ASKED_ANEW = CachePolicy(CacheMode.REFRESH)


@dataclass(frozen=True, slots=True)
class BinanceWalk:
    """One request of a walk through time, in epoch milliseconds; its context.

    Attributes:
        start: first open time that is asked for.
        end: last one; None for now.
        left: most candles; None for all.
        then: what is to be planned after this window, up to this moment; None if nothing is.
    """

    symbol: str
    interval: str
    start: int
    end: int | None = None
    left: int | None = None
    then: int | None = None

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """The walk that a request carries."""
        return cls(**context)

    @property
    def size(self) -> int:
        """Most candles of this request."""
        return PAGE_SIZE if self.left is None else min(PAGE_SIZE, self.left)

    def request(self) -> Request:
        """The request itself."""
        params = [
            ("symbol", self.symbol),
            ("interval", self.interval),
            ("startTime", str(self.start)),
            ("limit", str(self.size)),
        ]
        if self.end is not None:
            params.insert(3, ("endTime", str(self.end)))
        return Request(
            kind="klines",
            url="/api/v3/klines",
            params=tuple(params),
            context=asdict(self),
            expands=self.then is not None,
            cache=ASKED_ANEW,
            weight=_WEIGHT,
        )

    def following(self, opened: Sequence[int], now: datetime) -> Iterator[Request]:
        """What to ask after an answer with these open times, at this moment."""
        step = MILLISECONDS[self.interval]
        if opened and len(opened) >= self.size:
            end = epoch(now, 1000) if self.end is None else min(self.end, epoch(now, 1000))
            yield from self._rest(opened[-1], len(opened), end, step)
        if self.then is not None and self.end is not None:
            yield from replace(self, start=self.end + 1).windows(self.then, step)

    def _rest(self, last: int, found: int, end: int, step: int) -> Iterator[Request]:
        """What a full answer has left out: page by page where its windows are not known."""
        rest = replace(self, start=last + 1, then=None)
        if self.left is not None:
            if self.left > found and rest.start <= end:
                yield replace(rest, left=self.left - found).request()
        elif self.interval == MONTH:
            yield rest.request()
        elif last + step <= end:
            yield from rest.windows(end, step)

    def windows(self, end: int, step: int) -> Iterator[Request]:
        """Windows of a page each from `start` to `end`, the first few of them."""
        for start, stop, then in page_windows(self.start, end, PAGE_SIZE * step):
            yield replace(self, start=start, end=stop, then=then).request()
