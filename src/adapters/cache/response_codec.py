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
_PLAIN_END = b"\x90" + _CHECKSUM_BEGINS  # no lengths


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
        self._encoder = msgspec.msgpack.Encoder(enc_hook=packed_headers)
        self._decoder = msgspec.msgpack.Decoder(
            tuple[str, bytes, list[StoredResponse], tuple[int, ...], bytes], dec_hook=_rich
        )
        self._head_decoder = msgspec.msgpack.Decoder(tuple[_Head, ...])
        self._compressor = zstandard.ZstdCompressor(level=_LEVEL)
        self._decompressor = zstandard.ZstdDecompressor()

    def encode(self, variants: Sequence[StoredResponse], key: str) -> bytes | None:
        """The variants as bytes; None when one is too large or has text that is not Unicode."""
        encode = self._encoder.encode
        heads = []
        are_short = True
        for each in variants:
            size = len(each.body)
            if size > COMPRESS_ABOVE:
                are_short = False
                if size > MAX_BODY_BYTES:
                    return None
            heads.append((each.source, each.url, each.received_at))
        packed, lengths = (variants, ()) if are_short else self._packed(variants)
        try:
            head = encode(heads)
            content = encode(packed)
        except UnicodeEncodeError:
            return None
        start = b"".join((_BEGINNING, _HEAD_LENGTH.pack(_BINARY, len(head)), head))
        end = encode(lengths) + _CHECKSUM_BEGINS if lengths else _PLAIN_END
        checksum = crc32(end, crc32(content, crc32(start, crc32(key.encode()))))
        return b"".join((start, content, end, checksum.to_bytes(4, "little")))

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

    def _packed(
        self, variants: Sequence[StoredResponse]
    ) -> tuple[Sequence[StoredResponse], Sequence[int]]:
        """With bodies compressed where that makes them shorter, and what they were long before."""
        packed, lengths = [], []
        for each in variants:
            size = len(each.body)
            body = each.body if size <= COMPRESS_ABOVE else self._compressor.compress(each.body)
            is_shorter = len(body) < size
            packed.append(each._replace(body=body) if is_shorter else each)
            lengths.append(size if is_shorter else _AS_IT_IS)
        return packed, (lengths if max(lengths) > _AS_IT_IS else ())

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
