"""Header fields that are read from their stored form when somebody asks for them."""

from typing import Any

import msgspec

from domain.headers import Headers

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(tuple[tuple[str, str], ...])


class StoredHeaders(Headers):
    """Equal to the headers that were stored; a hit that nobody asks for a field reads none.

    Args:
        stored: what `packed_headers` made. Anything else is no fields at all.
    """

    __slots__ = ("_stored",)

    def __init__(self, stored: Any) -> None:
        # The parent's own slot stays empty until `__getattr__` is asked for it.
        self._stored = stored
        self._by_name = None

    def __getattr__(self, name: str) -> tuple[tuple[str, str], ...]:
        if name != "_fields":
            raise AttributeError(name)
        try:
            self._fields = _decoder.decode(self._stored)
        except (msgspec.DecodeError, TypeError):
            self._fields = ()
        return self._fields


def packed_headers(headers: Headers) -> bytes:
    """The fields in MessagePack; UnicodeEncodeError when one holds text that is not Unicode."""
    return _encoder.encode(headers.fields)
