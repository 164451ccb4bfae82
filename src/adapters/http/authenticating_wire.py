"""Adds the key."""

from adapters.http.origins import origin_of
from adapters.http.wire import Wire, WireRequest, WireResponse
from application.ports.credentials import Credential, Credentials
from domain.requests import Trust
from domain.sources import Source

_UNAUTHORIZED = 401


class AuthenticatingWire(Wire):
    """Puts the source's key on requests with Trust.SOURCE to the source's own origin, no others.

    A 401 for a key that can be renewed is answered by asking once more with another key.
    """

    def __init__(
        self, *, wire: Wire, credentials: Credentials, source: Source, base_url: str
    ) -> None:
        self._wire = wire
        self._credentials = credentials
        self._source = source
        self._origin = origin_of(base_url)

    async def send(self, request: WireRequest) -> WireResponse:
        """The answer to the request with its key.

        Raises (besides what the inner wire raises):
            MissingKeyError: the source needs a key and none is to be had.
        """
        if request.request.trust is not Trust.SOURCE or origin_of(request.url) != self._origin:
            return await self._wire.send(request)
        credential = await self._credentials.credential(self._source)
        if credential is None:
            return await self._wire.send(request)
        response = await self._wire.send(_with_key(request, credential))
        if response.status != _UNAUTHORIZED or not credential.renewable:
            return response
        renewed = await self._credentials.renew(self._source, credential)
        if renewed is None:
            return response
        return await self._wire.send(_with_key(request, renewed))


def _with_key(request: WireRequest, credential: Credential) -> WireRequest:
    field = (credential.header, credential.secret)
    return WireRequest(request.request, request.url, (*request.headers, field))
