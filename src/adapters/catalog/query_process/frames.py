"""Messages between a program and the process that runs its statement: kind, length, bytes."""

import struct
from collections.abc import Callable
from enum import IntEnum

_HEAD = struct.Struct(">BQ")


class Kind(IntEnum):
    """What a message is."""

    READY = 0  # from the process: it waits for its statement
    ORDER = 1  # to the process: statement, parameters, limits
    NAMES = 2  # from it: the tables that the statement reads
    VERSION = 3  # to it: their files
    META = 4  # to it: rows of a table of `meta`, as an Arrow stream
    COLUMNS = 5  # from it: names and types of the result
    ROWS = 6  # from it: rows of the result, as an Arrow stream
    END = 7  # from it: that was all
    ERROR = 8  # from it: why there is no result, or no more of it


class EndedError(Exception):
    """The other side is gone."""


class TooLongError(Exception):
    """A message is longer than the reader takes."""


def packed(kind: Kind, length: int) -> bytes:
    """What goes before the bytes of a message."""
    return _HEAD.pack(kind, length)


def read_frame(read: Callable[[int], bytes], longest: int | None = None) -> tuple[Kind, bytes]:
    """The next message.

    Args:
        read: gives at least one byte and at most so many; none at the end.
        longest: most bytes that are taken.

    Raises:
        EndedError: there is no further message, or only a part of one.
        TooLongError: it has more bytes than are taken; none of them was read.
        ValueError: that is no message.
    """
    kind, length = _HEAD.unpack(_exactly(read, _HEAD.size))
    if longest is not None and length > longest:
        raise TooLongError
    return Kind(kind), bytes(_exactly(read, length))


def _exactly(read: Callable[[int], bytes], length: int) -> bytearray:
    found = bytearray()
    while len(found) < length:
        part = read(min(length - len(found), 1 << 20))
        if not part:
            raise EndedError
        found += part
    return found
