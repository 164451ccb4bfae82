"""A number of places that may change while they are taken."""

import asyncio
import contextlib
from collections import deque


class Slots:
    """Places for requests in flight, first come, first served.

    Like a semaphore, but its size may change, and a free place is taken without awaiting.
    """

    __slots__ = ("_size", "_taken", "_waiting")

    def __init__(self, size: int) -> None:
        self._size = size
        self._taken = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def idle(self) -> bool:
        """Nobody holds or awaits a place."""
        return self._taken == 0 and not self._waiting

    def try_take(self) -> bool:
        """Take a place if one is free and nobody came earlier."""
        if self._taken < self._size and not self._waiting:
            self._taken += 1
            return True
        return False

    async def take(self) -> None:
        """Take a place as soon as there is one."""
        if self.try_take():
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                with contextlib.suppress(ValueError):
                    self._waiting.remove(turn)
            else:
                self.give_back()  # the place came together with the cancellation
            raise

    def give_back(self) -> None:
        """Leave a place."""
        self._taken -= 1
        if self._waiting:
            self._hand_out()

    def resize(self, size: int) -> None:
        """Let there be so many places; those taken beyond it are not given out again."""
        self._size = size
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiting and self._taken < self._size:
            turn = self._waiting.popleft()
            if not turn.cancelled():
                self._taken += 1
                turn.set_result(None)
