"""Stored answers as bytes, for stores that may be shared, old or damaged."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import msgspec
import zstandard

from adapters.cache.stored_headers import StoredHeaders, packed_headers
from domain.headers import Headers
from domain.http_caching.stored_response import StoredResponse

MAX_BODY_BYTES = 64 * 1024 * 1024
"""Largest body that is stored, before compression."""

COMPRESS_ABOVE = 2048
"""Bytes of a body above which its compression is tried."""

_BEGINNING = b"\x95\xa4ADP3"
_HEAD_LENGTH = struct.Struct(">cI")
_BINARY = b"\xc6"
_HEAD_FROM = len(_BEGINNING) + _HEAD_LENGTH.size
_CHECKSUM_BEGINS = b"\xc4\x04"
_RESIDUE = 0x2144DF1C
"""The CRC-32 of anything that is followed by its own CRC-32 (ITU-T V.42)."""
_LEVEL = 3
_LATEST_TIME = 1e11
_AS_IT_IS = -1
_NO_LENGTHS = b"\x90"
_HEADERS_AT = StoredResponse._fields.index("headers")
_AFTER_BODY = StoredResponse._fields.index("body") + 1  # which comes right after the headers


class _Head(msgspec.Struct, array_like=True, frozen=True, gc=False):
    source: str
    url: str
    received_at: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What a store's figures and purges need to know of an entry."""

    source: str
    url: str
    received_at: float


class ResponseCodec:
    """Variants of one answer to bytes and back. One instance is for one thread.

    An entry is one array in MessagePack: "ADP3" (format and version), the summaries of the
    variants as binary data of their own, the variants, the lengths of their bodies when some are
    compressed (-1: this one is not), and a CRC-32 over the key and all that precedes it. The
    checksum finds damage, and values that have strayed to another key; it is no signature.
    A variant is an array of all members of a StoredResponse in their order, so that a member with
    a default may be added at the end; any other change needs another version.
    Bodies are compressed by Zstandard where they are long and it makes them shorter.
    """

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(
            tuple[str, bytes, list[StoredResponse], tuple[int, ...], bytes], dec_hook=_rich
        )
        self._head_decoder = msgspec.msgpack.Decoder(tuple[_Head, ...])
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    def encode(self, variants: Sequence[StoredResponse], key: str) -> bytes | None:
        """The variants as bytes; None when one is too large or has text that is not Unicode."""
        encode = self._encoder.encode
        heads, packed, lengths = [], [], []
        shortened = False
        try:
            for each in variants:
                body = each.body
                size = len(body)
                if size > COMPRESS_ABOVE:
                    if size > MAX_BODY_BYTES:
                        return None
                    body = self._packed(body)
                if len(body) < size:
                    shortened = True
                    lengths.append(size)
                else:
                    lengths.append(_AS_IT_IS)
                heads.append((each.source, each.url, each.received_at))
                fields = packed_headers(each.headers)
                packed.append((*each[:_HEADERS_AT], fields, body, *each[_AFTER_BODY:]))
            head = encode(heads)
            content = encode(packed)
        except UnicodeEncodeError:
            return None
        content = b"".join(
            (
                _BEGINNING,
                _HEAD_LENGTH.pack(_BINARY, len(head)),
                head,
                content,
                encode(lengths) if shortened else _NO_LENGTHS,
                _CHECKSUM_BEGINS,
            )
        )
        return content + crc32(content, crc32(key.encode())).to_bytes(4, "little")

    def decode(self, data: object, key: str) -> list[StoredResponse] | None:
        """What `encode` was given; None for anything that it did not write under this key."""
        if (
            type(data) is not bytes
            or not data.startswith(_BEGINNING)
            or crc32(data, crc32(key.encode())) != _RESIDUE
        ):
            return None
        try:
            _, _, variants, lengths, _ = self._decoder.decode(data)
            if lengths:
                variants = list(map(self._unpacked, variants, lengths))
        except (msgspec.DecodeError, zstandard.ZstdError, ValueError, MemoryError):
            return None
        for each in variants:
            # Times that a calendar has; a NaN compares as false and is refused as well.
            if not (
                0.0 <= each.received_at <= _LATEST_TIME
                and 0.0 <= each.requested_at <= _LATEST_TIME
                and 0.0 <= each.body_received_at <= _LATEST_TIME
                and 0.0 <= each.expires_at <= _LATEST_TIME
            ):
                return None
        return variants

    def summaries(self, beginning: object) -> list[Summary] | None:
        """What the entry is, from its first bytes; None where they do not say. No checksum."""
        if (
            not isinstance(beginning, bytes)
            or len(beginning) < _HEAD_FROM
            or not beginning.startswith(_BEGINNING)
        ):
            return None
        _, head_bytes = _HEAD_LENGTH.unpack_from(beginning, len(_BEGINNING))
        try:
            heads = self._head_decoder.decode(beginning[_HEAD_FROM : _HEAD_FROM + head_bytes])
        except msgspec.DecodeError:
            return None
        return [Summary(head.source, head.url, head.received_at) for head in heads]

    def _packed(self, body: bytes) -> bytes:
        """Compressed, if that makes it shorter."""
        compressed = self._compressor.compress(body)
        return compressed if len(compressed) < len(body) else body

    def _unpacked(self, stored: StoredResponse, length: int) -> StoredResponse:
        """With its body; never more memory than the body's stated and bounded length."""
        if length == _AS_IT_IS:
            return stored
        if length > MAX_BODY_BYTES or zstandard.frame_content_size(stored.body) != length:
            raise ValueError
        body = self._decompressor.decompress(stored.body)
        if len(body) != length:
            raise ValueError
        return stored._replace(body=body)


def _rich(kind: type, value: Any) -> Headers:
    if kind is Headers:
        return StoredHeaders(value)
    raise ValueError(kind.__name__)
