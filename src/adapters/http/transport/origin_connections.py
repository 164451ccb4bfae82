"""What a pool knows of one origin."""

import asyncio
from collections import deque

from adapters.http.transport.connection import Connection
from adapters.http.transport.route import Origin


class OriginConnections:
    """The connections to an origin, and those who wait for one.

    Attributes:
        count: connections, open or being made.
        users: requests that are being served by more than a look.
        idle: of HTTP/1.1 without an exchange, the one used last at the end, with the time since.
        shared: of HTTP/2.
        connecting: one is being made that will tell the version.
        speaks_http2: None while nobody knows.
    """

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.count = 0
        self.users = 0
        self.idle: dict[Connection, float] = {}
        self.shared: list[Connection] = []
        self.connecting = False
        self.speaks_http2: bool | None = None if origin.scheme == "https" else False
        self._waiting: deque[asyncio.Future[Exception | None]] = deque()

    async def turn(self) -> None:
        """Wait until something has changed; raises what `wake_all` was given."""
        waiter: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            failure = await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled():
                self.wake()  # the turn of somebody who goes away is somebody else's
            raise
        if failure is not None:
            raise failure

    def wake(self) -> None:
        """One may look again."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def wake_all(self, failure: Exception | None = None) -> None:
        """All may look again, or all fail."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(failure)
