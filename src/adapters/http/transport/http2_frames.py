"""Frames of HTTP/2 (RFC 9113 sections 4 and 6), sans-IO."""

import struct
from enum import IntEnum, IntFlag

import httpx

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
LARGEST_FRAME = 16_384
"""Bytes of a frame's payload, both ways; the other side may offer more, we never use it."""

LARGEST_WINDOW = 2**31 - 1
FIRST_WINDOW = 65_535

_HEAD = struct.Struct(">HBBBI")
_HEAD_BYTES = 9
_LAST_31_BITS = 0x7FFF_FFFF


class FrameType(IntEnum):
    """RFC 9113 section 6."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


class Flag(IntFlag):
    """Of the frames that have them; ACK has the bit of END_STREAM."""

    END_STREAM = 0x1
    ACK = 0x1
    END_HEADERS = 0x4
    PADDED = 0x8
    PRIORITY = 0x20


class ErrorCode(IntEnum):
    """RFC 9113 section 7."""

    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    FLOW_CONTROL_ERROR = 3
    SETTINGS_TIMEOUT = 4
    STREAM_CLOSED = 5
    FRAME_SIZE_ERROR = 6
    REFUSED_STREAM = 7
    CANCEL = 8
    COMPRESSION_ERROR = 9
    CONNECT_ERROR = 10
    ENHANCE_YOUR_CALM = 11
    INADEQUATE_SECURITY = 12
    HTTP_1_1_REQUIRED = 13


class Setting(IntEnum):
    """RFC 9113 section 6.5.2."""

    HEADER_TABLE_SIZE = 1
    ENABLE_PUSH = 2
    MAX_CONCURRENT_STREAMS = 3
    INITIAL_WINDOW_SIZE = 4
    MAX_FRAME_SIZE = 5
    MAX_HEADER_LIST_SIZE = 6


class Http2ProtocolError(httpx.RemoteProtocolError):
    """The other side broke a rule; the connection is of no more use.

    Attributes:
        code: to tell it by.
    """

    def __init__(self, message: str, code: ErrorCode = ErrorCode.PROTOCOL_ERROR) -> None:
        super().__init__(message)
        self.code = code


type Frame = tuple[int, int, int, bytes]
"""Type, flags, stream, payload."""


class FrameReader:
    """Cuts bytes into frames, however they arrive."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole now.

        Raises:
            Http2ProtocolError: a frame larger than LARGEST_FRAME.
        """
        if self._left:
            data = self._left + data
        frames: list[Frame] = []
        at, end = 0, len(data)
        while end - at >= _HEAD_BYTES:
            high, low, kind, flags, stream = _HEAD.unpack_from(data, at)
            size = high << 8 | low
            if size > LARGEST_FRAME:
                message = f"a frame of {size} bytes"
                raise Http2ProtocolError(message, ErrorCode.FRAME_SIZE_ERROR)
            after = at + _HEAD_BYTES + size
            if after > end:
                break
            payload = data[at + _HEAD_BYTES : after]
            frames.append((kind, flags, stream & _LAST_31_BITS, payload))
            at = after
        self._left = data[at:] if at else data
        return frames


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame, as it is sent."""
    size = len(payload)
    return _HEAD.pack(size >> 8, size & 0xFF, kind, flags, stream) + payload


def settings_frame(settings: dict[Setting, int]) -> bytes:
    """Our settings."""
    payload = b"".join(struct.pack(">HI", key, value) for key, value in settings.items())
    return frame(FrameType.SETTINGS, 0, 0, payload)


def number_frame(kind: int, stream: int, number: int) -> bytes:
    """A frame that says one number: RST_STREAM, WINDOW_UPDATE."""
    return frame(kind, 0, stream, number.to_bytes(4))


def goaway_frame(code: ErrorCode) -> bytes:
    """The end; no stream of the other side was ever taken."""
    return frame(FrameType.GOAWAY, 0, 0, struct.pack(">II", 0, code))


def goaway_in(payload: bytes) -> tuple[int, int]:
    """The last stream that the other side looked at, and why it goes.

    Raises:
        Http2ProtocolError: too short.
    """
    if len(payload) < len(b"12345678"):
        message = "a frame of a wrong size"
        raise Http2ProtocolError(message, ErrorCode.FRAME_SIZE_ERROR)
    return number_in(payload[:4]), int.from_bytes(payload[4:8])


def settings_in(payload: bytes) -> list[tuple[int, int]]:
    """The settings that a frame holds, in order.

    Raises:
        Http2ProtocolError: its size is not that of settings.
    """
    if len(payload) % 6:
        message = "settings of a wrong size"
        raise Http2ProtocolError(message, ErrorCode.FRAME_SIZE_ERROR)
    return list(struct.iter_unpack(">HI", payload))


def number_in(payload: bytes) -> int:
    """The number that a frame says, its first bit left out.

    Raises:
        Http2ProtocolError: it is no number.
    """
    if len(payload) != len(b"1234"):
        message = "a frame of a wrong size"
        raise Http2ProtocolError(message, ErrorCode.FRAME_SIZE_ERROR)
    return int.from_bytes(payload) & _LAST_31_BITS


def unpadded(flags: int, payload: bytes) -> bytes:
    """What a DATA or HEADERS frame carries, without padding (RFC 9113 section 6.1).

    Raises:
        Http2ProtocolError: more padding than frame.
    """
    if not flags & Flag.PADDED:
        return payload
    padding = payload[0] if payload else 0
    if padding >= len(payload):
        message = "a frame that is all padding"
        raise Http2ProtocolError(message)
    return payload[1 : len(payload) - padding]


def error_name(code: int) -> str:
    """An error code in words."""
    return ErrorCode(code).name if code in set(ErrorCode) else f"error {code}"
