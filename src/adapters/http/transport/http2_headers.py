"""Fields of HTTP/2 messages as HPACK has them (RFC 7541)."""

from collections.abc import Sequence
from functools import lru_cache

import hpack
import httpx
from hpack.table import HeaderTable

from adapters.http.transport.answer_errors import HostileAnswerError
from adapters.http.transport.connection import RequestHead
from adapters.http.transport.http2_frames import ErrorCode, Http2ProtocolError

type Field = tuple[bytes, bytes]

LARGEST_HEAD = 64 * 1024
"""Bytes of a head; cookies, which nobody keeps, may take as much again."""

NO_TABLE = b"\x20"
"""A dynamic table of size 0 (RFC 7541 section 6.3): we refer to nothing that was sent before."""

_STATIC_NAMES = {
    name: index for index, (name, _) in reversed(list(enumerate(HeaderTable.STATIC_TABLE, 1)))
}
_NEVER_INDEXED = 0x10
_SEVEN_BITS = 0x7F
_FORBIDDEN = (b"\r", b"\n", b"\0")
_OF_A_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)


def request_block(request: RequestHead) -> bytes:
    """A request's fields, each one spelled out.

    Nothing is put into a table: a block can be made without knowing what was sent before, most
    of it again and again from memory, and a key can never be guessed by the length of what
    follows it (RFC 7541 section 7.1).

    Raises:
        httpx.LocalProtocolError: a field holds a character that none may hold.
    """
    if not request.target or b" " in request.target or b" " in request.method:
        message = "a request without an address, or with a space in it"
        raise httpx.LocalProtocolError(message)
    pieces = [
        _literal(b":method", request.method),
        _literal(b":scheme", request.scheme),
        _literal(b":authority", request.authority),
        _name(b":path") + _text(request.target),
    ]
    if any(name[:1] == b":" for name, _ in request.headers):
        message = "a field of the request has a name that is none"
        raise httpx.LocalProtocolError(message)
    pieces += [_literal(name, value) for name, value in request.headers if name not in _OF_A_HOP]
    return b"".join(pieces)


class HeadReader:
    """Unpacks the heads of one connection, in the order in which they come."""

    def __init__(self) -> None:
        self._decoder = hpack.Decoder(max_header_list_size=2 * LARGEST_HEAD)

    def read(self, block: bytes) -> list[Field]:
        """The fields of a head.

        Raises:
            HostileAnswerError: more of them than anybody needs.
            Http2ProtocolError: not to be unpacked.
        """
        message = f"a head of more than {LARGEST_HEAD} bytes"
        try:
            fields = [(name, value) for name, value in self._decoder.decode(block, raw=True)]
        except hpack.OversizedHeaderListError as exc:
            raise HostileAnswerError(message) from exc
        except hpack.HPACKError as exc:
            message = f"a head that cannot be unpacked: {exc}"
            raise Http2ProtocolError(message, ErrorCode.COMPRESSION_ERROR) from exc
        size = sum(len(name) + len(value) for name, value in fields if name != b"set-cookie")
        if size > LARGEST_HEAD:
            raise HostileAnswerError(message)
        return fields


def status_of(fields: Sequence[Field]) -> int | None:
    """The status of an answer's head; None for a head that is malformed (RFC 9113 section 8.2)."""
    if not fields or fields[0][0] != b":status" or not fields[0][1].isdigit():
        return None
    for name, value in fields[1:]:
        malformed = name[:1] == b":" or not name or name != name.lower() or name in _OF_A_HOP
        if malformed or b"\n" in value or b"\r" in value or b"\0" in value:
            return None
    return int(fields[0][1]) if len(fields[0][1]) == len("200") else None


@lru_cache(maxsize=512)
def _literal(name: bytes, value: bytes) -> bytes:
    return _name(name) + _text(value)


@lru_cache(maxsize=256)
def _name(name: bytes) -> bytes:
    """The start of a field that is never to be indexed, here or further on."""
    index = _STATIC_NAMES.get(name)
    if index is not None:
        return _number(index, 4, _NEVER_INDEXED)
    if name != name.lower() or not name.strip():
        message = "a field of the request has a name that is none"
        raise httpx.LocalProtocolError(message)
    return bytes((_NEVER_INDEXED,)) + _text(name)


def _text(value: bytes) -> bytes:
    if any(each in value for each in _FORBIDDEN):
        message = "a field of the request holds a line break or another forbidden character"
        raise httpx.LocalProtocolError(message)
    return _number(len(value), 7, 0) + value


def _number(number: int, bits: int, pattern: int) -> bytes:
    """RFC 7541 section 5.1."""
    limit = (1 << bits) - 1
    if number < limit:
        return bytes((pattern | number,))
    octets = bytearray((pattern | limit,))
    number -= limit
    while number > _SEVEN_BITS:
        octets.append(number & _SEVEN_BITS | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)
