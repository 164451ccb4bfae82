"""Adds the key."""

from collections.abc import Coroutine
from typing import Any

from adapters.http.error_excerpt import error_excerpt
from adapters.http.origins import origin_of, shown
from adapters.http.wire import Wire, WireRequest, WireResponse
from application.ports.credentials import Credential, Credentials
from domain.errors import RefusedError
from domain.requests import Trust
from domain.sources import Source

_UNAUTHORIZED = 401
_REFUSED = frozenset({401, 403})


class AuthenticatingWire(Wire):
    """Puts the source's key on requests with Trust.SOURCE to the source's own origin, no others.

    A 401 for a key that can be renewed is answered by asking once more with another key. A key
    that was good before is refused for good only when it is refused twice in a row.
    """

    def __init__(
        self, *, wire: Wire, credentials: Credentials, source: Source, base_url: str
    ) -> None:
        self._wire = wire
        self._credentials = credentials
        self._source = source
        self._origin = origin_of(base_url)
        self._was_good = False

    def send(self, request: WireRequest) -> Coroutine[Any, Any, WireResponse]:
        """The answer to the request with its key, where it gets one.

        Raises (besides what the inner wire raises):
            MissingKeyError: the source needs a key and none is to be had.
            RefusedError: the key is refused; says which setting holds it.
        """
        if request.request.trust is not Trust.SOURCE or origin_of(request.url) != self._origin:
            return self._wire.send(request)
        return self._with_a_key(request)

    async def _with_a_key(self, request: WireRequest) -> WireResponse:
        credential = await self._credentials.credential(self._source)
        if credential is None:
            return await self._wire.send(request)
        response = await self._wire.send(_with_key(request, credential))
        if response.status not in _REFUSED:
            self._was_good = True
            return response
        again = await self._other_key(response, credential)
        if again is not None:
            response = await self._wire.send(_with_key(request, again))
        if response.status in _REFUSED:
            self._refuse(response)
        return response

    async def _other_key(self, response: WireResponse, refused: Credential) -> Credential | None:
        """What to ask once more with; None when there is nothing to gain by it."""
        renewed = None
        if response.status == _UNAUTHORIZED and refused.renewable:
            renewed = await self._credentials.renew(self._source, refused)
        return renewed or (refused if self._was_good else None)

    def _refuse(self, response: WireResponse) -> None:
        if (key := self._source.policy.api_key) is None:
            return
        words = error_excerpt(response.body)
        reason = f"HTTP {response.status}: {words}" if words else f"HTTP {response.status}"
        reason = f"{reason}. The key of {self._source.name} is refused; {key.variable} sets it"
        raise RefusedError(reason, url=shown(response.url), status=response.status)


def _with_key(request: WireRequest, credential: Credential) -> WireRequest:
    field = (credential.header, credential.secret)
    headers = (*request.headers, field)
    return WireRequest(request.request, request.url, headers, request.seconds)
