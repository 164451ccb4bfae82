"""What a connection of HTTP/2 sends: gathered, and written once a turn of the loop."""

import asyncio

from adapters.http.transport.http2_frames import LARGEST_FRAME, Flag, FrameType, frame
from adapters.http.transport.http2_headers import NO_TABLE


class Http2Outbox:
    """Frames in their order.

    Attributes:
        transport: where they go; None before the connection is made and after it is lost.
        paused: the system takes no more for the moment.
    """

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.paused = False
        self._loop = asyncio.get_running_loop()
        self._frames: list[bytes] = []
        self._scheduled = False
        self._prefix = NO_TABLE

    def write(self, data: bytes) -> None:
        """Send at the end of this turn of the loop."""
        self._frames.append(data)
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self.flush)

    def write_head(self, stream: int, block: bytes, *, end: bool) -> None:
        """A head, in as many frames as it takes."""
        block, self._prefix = self._prefix + block, b""
        ends = Flag.END_STREAM if end else 0
        if len(block) <= LARGEST_FRAME:
            self.write(frame(FrameType.HEADERS, Flag.END_HEADERS | ends, stream, block))
            return
        self.write(frame(FrameType.HEADERS, ends, stream, block[:LARGEST_FRAME]))
        for at in range(LARGEST_FRAME, len(block), LARGEST_FRAME):
            last = Flag.END_HEADERS if at + LARGEST_FRAME >= len(block) else 0
            piece = block[at : at + LARGEST_FRAME]
            self.write(frame(FrameType.CONTINUATION, last, stream, piece))

    def table_changed(self) -> None:
        """The other side changed the size of the table: the next head says that we use none."""
        self._prefix = NO_TABLE

    def flush(self) -> None:
        """Send now."""
        self._scheduled = False
        frames, self._frames = self._frames, []
        if frames and self.transport is not None and not self.transport.is_closing():
            self.transport.write(b"".join(frames))
