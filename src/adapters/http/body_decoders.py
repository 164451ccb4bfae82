"""Decoders of content codings that never hand out more than a small piece at once.

httpx decodes a whole network read in one go, and any number of stacked codings: a few kilobytes
become gigabytes before a cap can act (GHSA-8xx6-hgc6-gc2m). Nor does it notice that a compressed
body stops early.
"""

import zlib
from abc import abstractmethod
from collections.abc import Iterator
from typing import Protocol

import zstandard

from domain.errors import HostileError, RetryableError
from domain.headers import Headers

ACCEPT_ENCODING = "gzip, deflate, zstd"
STEP = 64 * 1024
"""Most bytes that one decoding step of gzip and deflate hands out."""

_ZSTD_WINDOW = 8 * 1024 * 1024  # the largest that a content coding may ask for (RFC 9659)
_ZSTD_SLICE = 64  # bytes in; a zstd block of 4 bytes may become 128 KB
_GZIP_MAGIC = b"\x1f"
_RAW_DEFLATE = -zlib.MAX_WBITS
_GZIP = 16 + zlib.MAX_WBITS
_DEFLATE_METHOD = 8


class BodyDecoder(Protocol):
    """Takes a body off its content coding, piece by piece."""

    @abstractmethod
    def decode(self, data: bytes) -> Iterator[bytes]:
        """The next decoded pieces; RetryableError when the data is damaged."""

    @abstractmethod
    def finish(self) -> None:
        """The body is over; RetryableError when it stopped early."""


def body_decoder(headers: Headers, url: str) -> BodyDecoder:
    """The decoder that an answer needs.

    Raises:
        HostileError: more than one coding, or one that was not asked for.
    """
    text = headers.get("content-encoding") or ""
    codings = [coding.strip().lower() for coding in text.split(",")]
    codings = [coding for coding in codings if coding not in {"", "identity"}]
    if not codings:
        return IdentityDecoder()
    if len(codings) > 1:
        message = f"the answer is encoded {len(codings)} times over"
        raise HostileError(message, url=url)
    match codings[0]:
        case "gzip" | "x-gzip":
            return GzipDecoder(url)
        case "deflate":
            return DeflateDecoder(url)
        case "zstd":
            return ZstdDecoder(url)
        case other:
            message = f"the answer has the unknown encoding {other[:20]!r}"
            raise HostileError(message, url=url)


class IdentityDecoder(BodyDecoder):
    """No coding: HTTP's own framing says whether the body is whole."""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """The data itself."""
        yield data

    def finish(self) -> None:
        """Nothing to check."""


class _ZlibDecoder(BodyDecoder):
    """What gzip and deflate have in common."""

    def __init__(self, url: str, window_bits: int) -> None:
        self._url = url
        self._window_bits = window_bits
        self._stream = zlib.decompressobj(window_bits)
        self._begun = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most STEP bytes."""
        self._begun = self._begun or bool(data)
        more = False
        while data or more:
            if self._stream.eof:
                if not self._begins_member(data):
                    return
                self._stream = zlib.decompressobj(self._window_bits)
            try:
                piece = self._stream.decompress(data, STEP)
            except zlib.error as exc:
                raise _damaged(self._url) from exc
            if piece:
                yield piece
            ended = self._stream.eof
            data = self._stream.unused_data if ended else self._stream.unconsumed_tail
            more = len(piece) == STEP and not ended

    def finish(self) -> None:
        """A body that was begun must have reached the end of its stream."""
        if self._begun and not self._stream.eof:
            raise _truncated(self._url)

    def _begins_member(self, data: bytes) -> bool:
        return self._window_bits == _GZIP and data[:1] == _GZIP_MAGIC


class GzipDecoder(_ZlibDecoder):
    """RFC 1952; members may follow one another, anything else after the end is passed over."""

    def __init__(self, url: str) -> None:
        super().__init__(url, _GZIP)


class DeflateDecoder(_ZlibDecoder):
    """The zlib format (RFC 1950), or bare deflate data, which some servers send by mistake."""

    def __init__(self, url: str) -> None:
        super().__init__(url, zlib.MAX_WBITS)

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most STEP bytes."""
        if not self._begun and data and data[0] & 0x0F != _DEFLATE_METHOD:
            self._stream = zlib.decompressobj(_RAW_DEFLATE)
        yield from super().decode(data)


class ZstdDecoder(BodyDecoder):
    """RFC 8878; fed in slices so small that no step can hand out more than 2 MB."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._frames = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._stream = self._frames.decompressobj()
        self._begun = False

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Pieces of at most 2 MB."""
        self._begun = self._begun or bool(data)
        position = 0
        while position < len(data):
            if self._stream.eof:
                self._stream = self._frames.decompressobj()
            portion = data[position : position + _ZSTD_SLICE]
            try:
                piece = self._stream.decompress(portion)
            except zstandard.ZstdError as exc:
                raise _damaged(self._url) from exc
            position += len(portion) - len(self._stream.unused_data)
            if piece:
                yield piece

    def finish(self) -> None:
        """A body that was begun must have reached the end of its frame."""
        if self._begun and not self._stream.eof:
            raise _truncated(self._url)


def _damaged(url: str) -> RetryableError:
    return RetryableError("the answer's compressed data is damaged", url=url)


def _truncated(url: str) -> RetryableError:
    return RetryableError("the answer's compressed data is truncated", url=url)
