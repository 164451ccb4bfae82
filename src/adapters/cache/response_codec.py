"""Stored answers as bytes, for stores that may be shared, old or damaged."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import msgspec
import zstandard

from domain.headers import Headers
from domain.http_caching.stored_response import StoredResponse

MAX_BODY_BYTES = 64 * 1024 * 1024
"""Largest body that is stored, before compression."""

_MAGIC = b"ADP"
_VERSION = 1
_PREFIX = struct.Struct(">3sB16sI")
_TAG_BYTES = 16
_TAG_AT = len(_MAGIC) + 1
_COVERED_FROM = _TAG_AT + _TAG_BYTES
_COMPRESS_ABOVE = 1024
_LEVEL = 3
_LATEST_TIME = 1e11


class _Variant(msgspec.Struct, array_like=True, frozen=True, gc=False):
    source: str
    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    vary_key: str
    requested_at: float
    received_at: float
    body_received_at: float
    expires_at: float
    compressed: bool
    length: int  # of the body
    size: int  # of its stored form


@dataclass(frozen=True, slots=True)
class Summary:
    """What a store's figures and purges need to know of an entry."""

    source: str
    url: str
    received_at: float


class ResponseCodec:
    """Variants of one answer to bytes and back. One instance is for one thread.

    Layout, integers big-endian: "ADP", version (1 byte), BLAKE2b tag over all that follows
    (16 bytes), length of the head (4 bytes), the head in MessagePack, then the bodies one after
    the other, compressed by Zstandard where they are long and it makes them shorter.
    """

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(tuple[_Variant, ...])
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    def encode(self, variants: Sequence[StoredResponse]) -> bytes | None:
        """The variants as bytes; None when one is too large or has text that is not Unicode."""
        if any(len(each.body) > MAX_BODY_BYTES for each in variants):
            return None
        bodies = [self._packed(each.body) for each in variants]
        heads = [
            _Variant(
                source=each.source,
                url=each.url,
                status=each.status,
                headers=tuple(each.headers),
                vary_key=each.vary_key,
                requested_at=each.requested_at,
                received_at=each.received_at,
                body_received_at=each.body_received_at,
                expires_at=each.expires_at,
                compressed=body is not each.body,
                length=len(each.body),
                size=len(body),
            )
            for each, body in zip(variants, bodies, strict=True)
        ]
        try:
            head = self._encoder.encode(heads)
        except UnicodeEncodeError:
            return None
        covered = b"".join((len(head).to_bytes(4), head, *bodies))
        return b"".join((_MAGIC, bytes((_VERSION,)), _tag(covered), covered))

    def decode(self, data: bytes) -> list[StoredResponse] | None:
        """What `encode` was given; None for anything that it did not write."""
        if len(data) < _PREFIX.size:
            return None
        magic, version, tag, head_bytes = _PREFIX.unpack_from(data)
        view = memoryview(data)
        if magic != _MAGIC or version != _VERSION or tag != _tag(view[_COVERED_FROM:]):
            return None
        start = _PREFIX.size + head_bytes
        try:
            heads = self._decoder.decode(view[_PREFIX.size : start])
            variants = []
            for head in heads:
                variants.append(self._variant(head, view[start : start + head.size]))
                start += head.size
        except (msgspec.DecodeError, zstandard.ZstdError, ValueError, MemoryError):
            return None
        return variants if start == len(data) else None

    def summaries(self, beginning: bytes) -> list[Summary] | None:
        """What the entry is, from its first bytes; None where they do not say. No tag check."""
        if len(beginning) < _PREFIX.size:
            return None
        magic, version, _, head_bytes = _PREFIX.unpack_from(beginning)
        if magic != _MAGIC or version != _VERSION:
            return None
        try:
            heads = self._decoder.decode(beginning[_PREFIX.size : _PREFIX.size + head_bytes])
        except msgspec.DecodeError:
            return None
        return [Summary(head.source, head.url, head.received_at) for head in heads]

    def _packed(self, body: bytes) -> bytes:
        if len(body) <= _COMPRESS_ABOVE:
            return body
        compressed = self._compressor.compress(body)
        return compressed if len(compressed) < len(body) else body

    def _variant(self, head: _Variant, stored: memoryview) -> StoredResponse:
        times = (head.requested_at, head.received_at, head.body_received_at, head.expires_at)
        # A NaN compares as false and is refused as well.
        if not all(0 <= time <= _LATEST_TIME for time in times):
            raise ValueError
        return StoredResponse(
            source=head.source,
            url=head.url,
            status=head.status,
            headers=Headers(head.headers),
            body=self._unpacked(head, stored),
            vary_key=head.vary_key,
            requested_at=head.requested_at,
            received_at=head.received_at,
            body_received_at=head.body_received_at,
            expires_at=head.expires_at,
        )

    def _unpacked(self, head: _Variant, stored: memoryview) -> bytes:
        """The body; never more memory than its stated and bounded length."""
        if head.compressed:
            declared = zstandard.frame_content_size(stored)
            if declared != head.length or declared > MAX_BODY_BYTES:
                raise ValueError
            body = self._decompressor.decompress(stored)
        else:
            body = bytes(stored)
        if len(body) != head.length:
            raise ValueError
        return body


def _tag(covered: bytes | memoryview) -> bytes:
    return blake2b(covered, digest_size=_TAG_BYTES).digest()
