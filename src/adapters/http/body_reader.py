"""Reads an answer's body within its limits."""

from collections.abc import AsyncIterator, Callable

import httpx
import msgspec

from adapters.http.body_decoders import body_decoder
from adapters.http.deadlines import Deadlines
from adapters.http.origins import shown
from adapters.http.transport.engine_response import EngineResponse
from domain.errors import HostileError, RetryableError
from domain.headers import Headers

_FRAMING = 64 * 1024  # what a coding may add to data that does not compress
_DISCARDED = 16 * 1024


class BodyReader:
    """Decodes a body piece by piece, under a byte cap and a floor of progress."""

    def __init__(self, deadlines: Deadlines, monotonic: Callable[[], float]) -> None:
        self._deadlines = deadlines
        self._monotonic = monotonic

    async def read(
        self, response: httpx.Response, headers: Headers, max_bytes: int
    ) -> tuple[bytes, int]:
        """The decoded body, and its length as sent.

        Raises:
            RetryableError: damaged or cut off.
            HostileError: larger than `max_bytes`, or an encoding that is refused.
            TimeoutError: it comes too slowly.
        """
        exchange = response.exchange if isinstance(response, EngineResponse) else None
        plain = "content-encoding" not in headers
        whole = exchange.whole() if exchange and plain else None
        url = str(response.url)
        if whole is None:
            pieces = aiter(exchange or response.aiter_raw())
            body, sent = await self._pieces(pieces, headers, max_bytes, url)
        else:
            body, sent = whole, len(whole)
        check_size(body, max_bytes, url)
        if exchange and exchange.close_delimited and plain:
            _check_complete(headers, body, url)
        return body, sent

    async def discard(self, response: httpx.Response) -> None:
        """Read the rest of a small body, so that its connection can be used again."""
        sent = 0
        async for data in response.aiter_raw():
            sent += len(data)
            if sent > _DISCARDED:
                return

    async def _pieces(
        self, pieces: AsyncIterator[bytes], headers: Headers, max_bytes: int, url: str
    ) -> tuple[bytes, int]:
        decoder = body_decoder(headers, shown(url))
        body = bytearray()
        sent = 0
        progress = _Progress(self._deadlines, self._monotonic)
        async for data in pieces:
            progress.check(len(data))
            sent += len(data)
            if sent > max_bytes + _FRAMING:
                raise _too_large(max_bytes, url)
            for piece in decoder.decode(data):
                body += piece
                check_size(body, max_bytes, url)
        decoder.finish()
        return bytes(body), sent


class _Progress:
    """Watches that a body keeps coming."""

    def __init__(self, deadlines: Deadlines, monotonic: Callable[[], float]) -> None:
        self._period = deadlines.progress_period
        self._rate = deadlines.progress_rate
        self._monotonic = monotonic
        self._begun = monotonic()
        self._arrived = 0

    def check(self, arrived: int) -> None:
        self._arrived += arrived
        now = self._monotonic()
        passed = now - self._begun
        if passed < self._period:
            return
        if self._arrived < self._rate * passed:
            message = f"the answer arrives at less than {self._rate:.0f} bytes a second"
            raise TimeoutError(message)
        self._begun, self._arrived = now, 0


def _check_complete(headers: Headers, body: bytes, url: str) -> None:
    """A JSON body that ends with its connection is whole if it parses; others cannot tell.

    Raises:
        RetryableError: it does not parse, so something is missing.
    """
    if "json" not in (headers.get("content-type") or "").lower():
        return
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        message = "the answer ended with its connection, before its JSON did"
        raise RetryableError(message, url=shown(url)) from exc
    except RecursionError:
        return  # nested beyond reason, which is for the layers above to say


def check_size(body: bytes | bytearray, max_bytes: int, url: str) -> None:
    """Refuse a decoded body that is larger than it may be.

    Raises:
        HostileError: it is.
    """
    if len(body) > max_bytes:
        raise _too_large(max_bytes, url)


def _too_large(max_bytes: int, url: str) -> HostileError:
    return HostileError(f"the answer is larger than {max_bytes} bytes", url=shown(url))
