"""Which candles of Coinbase Exchange are asked for next (`GET /products/<id>/candles`)."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Self

from adapters.sources.candles.numbers import epoch
from adapters.sources.candles.windows import page_windows
from domain.errors import NotFoundError
from domain.requests import CacheMode, CachePolicy, Request

SECONDS = {"1m": 60, "5m": 300, "15m": 900, "1h": 3600, "6h": 21_600, "1d": 86_400}
PAGE_SIZE = 300
_BEGINNING = 1_420_070_400  # 2015-01-01, before the exchange was opened
_ASKED_ANEW = CachePolicy(CacheMode.REFRESH)


def check_granularity(given: str) -> str:
    """The interval.

    Raises:
        NotFoundError: Coinbase has no such candles.
    """
    if given not in SECONDS:
        hint = f"Coinbase has {', '.join(SECONDS)}."
        raise NotFoundError(what="interval", name=given[:20], known=SECONDS, hint=hint)
    return given


@dataclass(frozen=True, slots=True)
class CoinbaseWalk:
    """One request of a walk through time, in epoch seconds; its context.

    Attributes:
        start, stop: of this window, both inclusive.
        end: of the whole walk; None for now.
        left: most candles; None for all.
        then: what is to be planned after this window, up to this moment; None if nothing is.
        is_first: nothing is planned yet; the answer's date says what the present is.
        is_probe: days are asked for, to find out where the product's history begins.
    """

    product: str
    interval: str
    start: int
    stop: int
    end: int | None = None
    left: int | None = None
    then: int | None = None
    is_first: bool = True
    is_probe: bool = False

    @classmethod
    def beginning(
        cls, product: str, interval: str, since: int | None, end: int | None, left: int | None
    ) -> Self:
        """The first window; without `since` the first search for the beginning."""
        start = _BEGINNING if since is None else since
        walk = cls(product, interval, start, start, end, left, is_probe=since is None)
        return walk.page(start)

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """The walk that a request carries."""
        return cls(**context)

    @property
    def step(self) -> int:
        """Seconds of a candle that is asked for."""
        return SECONDS["1d" if self.is_probe else self.interval]

    def page(self, start: int) -> Self:
        """The walk at one page from a moment on."""
        stop = start + PAGE_SIZE * self.step - 1
        return replace(self, start=start, stop=stop if self.end is None else min(stop, self.end))

    def request(self) -> Request:
        """The request itself."""
        # Candles that begin from start to end are answered; both together make at most 300.
        params = (
            ("granularity", str(self.step)),
            ("start", str(self.start)),
            ("end", str(self.stop)),
        )
        return Request(
            kind="candles",
            url=f"/products/{self.product}/candles",
            params=params,
            context=asdict(self),
            expands=self.is_first or self.then is not None,
            cache=_ASKED_ANEW,
        )

    def following(self, first: int | None, found: int, now: datetime) -> Iterator[Request]:
        """What to ask after an answer.

        Args:
            first: when its first candle begins; None for an answer without candles.
            found: number of its candles.
            now: when it was given.
        """
        present = epoch(now, 1)
        end = present if self.end is None else min(self.end, present)
        if self.is_probe:
            if first is not None:
                yield replace(self, is_probe=False).page(first).request()
            elif self.stop < end:
                yield self.page(self.stop + 1).request()
        elif self.left is not None:
            if self.left > found and self.stop < end:
                yield replace(self.page(self.stop + 1), left=self.left - found).request()
        elif self.is_first:
            yield from self.windows(self.stop + 1, end)
        elif self.then is not None:
            yield from self.windows(self.stop + 1, self.then)

    def windows(self, start: int, end: int) -> Iterator[Request]:
        """Windows of a page each, the first few of them."""
        for first, stop, then in page_windows(start, end, PAGE_SIZE * self.step):
            walk = replace(self, start=first, stop=stop, then=then, is_first=False)
            yield walk.request()
