"""Tasks side by side, some of whose work costs as much for one as for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from application.ports.clock import Clock

_SHARE = 10


class _Begun(Protocol):
    def begin(self) -> None: ...
    async def close(self) -> None: ...


class Crew:
    """Its members work each for itself, and wait for one another at meetings.

    A meeting begins when every member waits at one, so that nobody waits for somebody who waits
    as well; or when its patience is over.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._members = self._waiting = 0
        self._meetings: list[_Begun] = []
        self._in_haste = False

    @contextmanager
    def membership(self) -> Iterator[None]:
        """The calling task is a member within the context."""
        self._members += 1
        try:
            yield
        finally:
            self._members -= 1
            self.look()

    def hurry(self) -> None:
        """From now on no meeting waits for anybody."""
        self._in_haste = True
        self.look()

    async def close(self) -> None:
        """End what meetings have under way."""
        for each in self._meetings:
            await each.close()

    def holds(self, meeting: _Begun) -> None:
        """Its members come to a meeting."""
        self._meetings.append(meeting)

    def arrived(self) -> None:
        """A member waits at a meeting."""
        self._waiting += 1
        self.look()

    def left(self) -> None:
        """A member waits no longer."""
        self._waiting -= 1

    def look(self) -> None:
        """Begin what nobody is left to wait for."""
        if self._in_haste or self._waiting >= self._members:
            for each in self._meetings:
                each.begin()


@dataclass(slots=True, eq=False)
class _Place[T, R]:
    item: T
    result: asyncio.Future[R]


class Meeting[T, R]:
    """One piece of work for all who have come until it begins.

    Args:
        crew: whose members come.
        work: takes what they brought, and gives for each of them its result or its error; an
            error that it raises is everybody's.
        patience: seconds that the first one waits for others at most; more where the work took
            long, since it may grow with all that is there already: it may take a tenth of the
            time.
    """

    def __init__(
        self,
        crew: Crew,
        work: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]],
        patience: float,
    ) -> None:
        self._crew = crew
        self._work = work
        self._patience = patience
        self._took = 0.0
        self._places: list[_Place[T, R]] = []
        self._working: asyncio.Task[None] | None = None
        self._bell: asyncio.Task[None] | None = None
        crew.holds(self)

    async def attend(self, item: T) -> R:
        """What the work gives for an item.

        Whoever is cancelled before it begins takes his item back; later on the cancellation
        waits until the work is done.
        """
        place = _Place[T, R](item, asyncio.get_running_loop().create_future())
        self._places.append(place)
        self._bell = self._bell or asyncio.create_task(self._ring())
        self._crew.arrived()
        try:
            await asyncio.wait([place.result])
        except asyncio.CancelledError:
            if place in self._places:
                self._places.remove(place)
                self._crew.left()
            else:
                await self._ended(place)
            raise
        return place.result.result()

    def begin(self) -> None:
        """Begin with those who are there, unless nobody is or the work is under way."""
        if self._places and self._working is None:
            places, self._places = self._places, []
            if self._bell is not None:
                self._bell.cancel()
                self._bell = None
            self._working = asyncio.create_task(self._done(places))

    async def close(self) -> None:
        """End the wait for others."""
        if self._bell is not None:
            self._bell.cancel()
            await asyncio.wait([self._bell])

    async def _ring(self) -> None:
        await self._crew.clock.sleep(max(self._patience, _SHARE * self._took))
        self._bell = None
        while self._working is not None:
            await asyncio.wait([self._working])
        self.begin()

    async def _done(self, places: Sequence[_Place[T, R]]) -> None:
        began = self._crew.clock.monotonic()
        try:
            results = await self._work([each.item for each in places])
        except Exception as error:  # noqa: BLE001  # each of them raises it
            results = [error for _ in places]
        self._took = self._crew.clock.monotonic() - began
        self._working = None
        for place, result in zip(places, results, strict=True):
            self._crew.left()
            if isinstance(result, Exception):
                place.result.set_exception(result)
                place.result.exception()  # seen, should the member be gone
            else:
                place.result.set_result(result)
        self._crew.look()

    @staticmethod
    async def _ended(place: _Place[T, R]) -> None:
        while not place.result.done():
            try:
                await asyncio.wait([place.result])
            except asyncio.CancelledError:
                continue
