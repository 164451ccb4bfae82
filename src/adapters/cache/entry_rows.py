"""Answers as rows of the embedded store."""

from hashlib import blake2b
from typing import Any, NamedTuple

import structlog

from adapters.cache.response_codec import ResponseCodec
from application.ports.clock import Clock
from domain.http_caching.stored_response import StoredResponse

SIZE_AT = 7
"""Where a row has the bytes that it takes."""

_DIGEST_DIGITS = 40
_BYTES = 8  # of an integer in SQLite
_ROW_BYTES = 256
_LARGEST_SHARE = 4
_log = structlog.get_logger()

type Row = tuple[Any, ...]
"""Key, variant, source, address, times of receipt, expiry and use, size, and the encoded answer."""


def stored_key(key: str) -> int:
    """The first 64 bits of a digest, or those of another key's digest.

    Entries are read under their whole key alone, so that two keys with the same 64 bits only take
    each other's place. An index of whole digests would be twice as large, and as it has no order
    that rows could come in, each batch of rows has much of it written anew.
    """
    try:
        digest = bytes.fromhex(key) if len(key) == _DIGEST_DIGITS else _hashed(key)
    except ValueError:
        digest = _hashed(key)
    return int.from_bytes(digest[:_BYTES], "big", signed=True)


def _hashed(key: str) -> bytes:
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()


class Entry(NamedTuple):
    """An answer that is still to be encoded."""

    key: str
    response: StoredResponse


class EntryRows:
    """Encodes answers. One instance is for one thread.

    Args:
        store: for logs.
        max_bytes: of the whole store; an answer that takes more than a quarter is refused.
        clock: tells when entries were used.
    """

    def __init__(self, store: str, max_bytes: int, clock: Clock) -> None:
        self._store = store
        self._largest = max_bytes // _LARGEST_SHARE
        self._clock = clock
        self._codec = ResponseCodec()

    def row(self, key: str, response: StoredResponse) -> Row | None:
        """The row of an answer; None when it is refused."""
        value = self._codec.encode((response,), key)
        if value is None or len(value) > self._largest:
            _log.debug("cache.entry_refused", store=self._store, url=response.url)
            return None
        return (
            stored_key(key),
            response.vary_key,
            response.source,
            response.url,
            response.received_at,
            response.expires_at,
            int(self._clock.timestamp()),
            len(value) + len(response.url) + _ROW_BYTES,
            value,
        )
