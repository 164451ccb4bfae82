"""Heads that come in one frame or in many."""

from adapters.http.transport.answer_errors import HostileAnswerError
from adapters.http.transport.http2_frames import Flag, Http2ProtocolError, unpadded
from adapters.http.transport.http2_headers import LARGEST_HEAD, Field, HeadReader

_PRIORITY_BYTES = 5
_MOST_PIECES = 32

type Head = tuple[int, list[Field], bool]
"""Stream, fields, and whether it is all that the stream brings."""


class Http2Heads:
    """Puts HEADERS and CONTINUATION together (RFC 9113 section 6.10) and unpacks them."""

    def __init__(self) -> None:
        self._reader = HeadReader()
        self._stream = 0
        self._ends = False
        self._block = bytearray()
        self._pieces = 0

    @property
    def pending(self) -> bool:
        """Only a continuation may come."""
        return self._stream != 0

    def begin(self, flags: int, stream: int, payload: bytes) -> Head | None:
        """HEADERS; the head, if that is all of it.

        Raises:
            HostileAnswerError, Http2ProtocolError: as `HeadReader.read`.
        """
        block = unpadded(flags, payload)
        if flags & Flag.PRIORITY:
            block = block[_PRIORITY_BYTES:]
        ends = bool(flags & Flag.END_STREAM)
        if flags & Flag.END_HEADERS:
            return stream, self._reader.read(block), ends
        self._stream, self._ends, self._block, self._pieces = stream, ends, bytearray(block), 1
        return None

    def go_on(self, flags: int, stream: int, payload: bytes) -> Head | None:
        """CONTINUATION; the head, when it is whole.

        Raises:
            HostileAnswerError, Http2ProtocolError: as `HeadReader.read`; also a flood.
        """
        if not self._stream or stream != self._stream:
            message = "a continuation of nothing"
            raise Http2ProtocolError(message)
        self._block += payload
        self._pieces += 1
        if len(self._block) > 2 * LARGEST_HEAD or self._pieces > _MOST_PIECES:
            message = f"a head of more than {LARGEST_HEAD} bytes, or in too many pieces"
            raise HostileAnswerError(message)
        if not flags & Flag.END_HEADERS:
            return None
        self._stream = 0
        return stream, self._reader.read(bytes(self._block)), self._ends
