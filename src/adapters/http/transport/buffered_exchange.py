"""An answer that is held until its reader takes it."""

import asyncio
from abc import abstractmethod
from collections import deque
from collections.abc import AsyncIterator

from adapters.http.transport.connection import Exchange


class BufferedExchange(Exchange):
    """Holds what has come and was not taken yet; it outlives its connection.

    Attributes:
        method: of the request.
        complete: the body is whole.
        failure: why it will never be.
        waiting: bytes of the body that nobody has taken.
    """

    def __init__(self, method: bytes, http_version: bytes) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.http_version = http_version
        self.method = method
        self.complete = False
        self.failure: Exception | None = None
        self.close_delimited = False
        self.waiting = 0
        self._pieces: deque[bytes] = deque()
        self._reader: asyncio.Future[None] | None = None

    @property
    def ended(self) -> bool:
        """Nothing more will come."""
        return self.complete or self.failure is not None

    @abstractmethod
    def taken(self, size: int) -> None:
        """A piece of that many bytes was taken by the reader; `waiting` is what is left."""

    @abstractmethod
    async def abandon(self) -> None:
        """The reader wants no more of a body that has not ended."""

    async def begun(self) -> None:
        """Wait for the head; raises why there is none."""
        if not self.status and self.failure is None:
            await self.change()
        self.check_begun()

    def check_begun(self) -> None:
        """Raise why there is no head, if so."""
        if self.failure is not None and not self.status:
            raise self.failure

    def begin(self, status: int) -> None:
        """The head has come."""
        self.status = status
        if self._reader is not None:
            self._wake()

    def feed(self, piece: bytes) -> None:
        """A piece of the body has come."""
        self._pieces.append(piece)
        self.waiting += len(piece)
        if self._reader is not None:
            self._wake()

    def finish(self) -> None:
        """The body is whole."""
        self.complete = True
        if self._reader is not None:
            self._wake()

    def fail(self, failure: Exception) -> None:
        """The body will never be whole."""
        self.failure = failure
        if self._reader is not None:
            self._wake()

    def whole(self) -> bytes | None:
        """The whole body, taken, when all of it is here already."""
        if not self.complete:
            return None
        pieces = self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self.waiting = 0
        return body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Pieces of the body as sent."""
        pieces = self._pieces
        while True:
            while pieces:
                piece = pieces.popleft()
                self.waiting -= len(piece)
                if not self.complete:
                    self.taken(len(piece))
                yield piece
            if self.failure is not None:
                raise self.failure
            if self.complete:
                return
            await self.change()

    async def aclose(self) -> None:
        """Let the connection go."""
        self._pieces.clear()
        self.waiting = 0
        if not self.ended:
            await self.abandon()

    def change(self) -> asyncio.Future[None]:
        """What is done when anything has come."""
        self._reader = asyncio.get_running_loop().create_future()
        return self._reader

    def _wake(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
        self._reader = None
