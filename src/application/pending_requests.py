"""All that a walk still has to ask."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from application.frontier import Frontier
from domain.requests import Request


class PendingRequests:
    """Requests that wait, that are held until something is known about them, or are under way.

    Iterating gives all of them, so that what a stopped walk had not come to is asked later on.

    Args:
        low_water: see `Frontier`.
    """

    def __init__(self, low_water: int) -> None:
        self._frontier = Frontier(low_water)
        self._in_flight: dict[int, Request] = {}
        self._held: dict[int, Sequence[Request]] = {}
        self._changed = asyncio.Condition()

    def __iter__(self) -> Iterator[Request]:
        yield from self._in_flight.values()
        yield from chain.from_iterable(self._held.values())
        yield from self._frontier

    def add(self, requests: Sequence[Request]) -> None:
        """They wait to be asked."""
        self._frontier.add(requests)

    def hold(self, requests: Sequence[Request]) -> None:
        """They are kept back for the moment."""
        self._held[id(requests)] = requests

    def let_go(self, requests: Sequence[Request]) -> None:
        """They are held no longer, and gone unless they are added."""
        del self._held[id(requests)]

    def done(self, request: Request) -> None:
        """It has been answered."""
        del self._in_flight[id(request)]

    async def take(self, count: int, last_resort: Callable[[], bool]) -> list[Request]:
        """What to ask next, at most `count` and one more page, and under way from now on.

        Waits while what is under way may still add to it.

        Args:
            count: most requests; 0: a page as soon as one is wanted.
            last_resort: called when nothing is left; adds more, or says that there is no more.

        Returns:
            The requests; none at the end.
        """
        async with self._changed:
            while True:
                await self._changed.wait_for(lambda: self._has(count) or not self._is_under_way)
                while not len(self._frontier) and not self._is_under_way and last_resort():
                    pass
                if self._has(count) or not len(self._frontier):
                    break
                self._changed.notify_all()  # what is left is for others
                await self._changed.wait()
            taken = [self._sent(request) for request in self._frontier.take(count)]
            if self._frontier.page_is_due:
                self._changed.notify_all()
            return taken

    async def tell(self) -> None:
        """Wake those who wait for requests."""
        async with self._changed:
            self._changed.notify_all()

    def _has(self, count: int) -> bool:
        return bool(len(self._frontier)) if count else self._frontier.page_is_due

    @property
    def _is_under_way(self) -> bool:
        return bool(self._in_flight or self._held)

    def _sent(self, request: Request) -> Request:
        """The request, as an object of its own among those under way."""
        own = replace(request) if id(request) in self._in_flight else request
        self._in_flight[id(own)] = own
        return own
