"""The connections of one client."""

import itertools

import httpcore
import httpx

KEPT_PER_POOL = 8
"""Idle connections that one pool keeps."""


class PooledTransport(httpx.AsyncBaseTransport):
    """Several small pools in place of a large one.

    httpcore walks all connections of a pool several times for each request, so one pool of 64 costs
    many times what sixteen pools of four cost. A host that speaks TLS stays in one pool, where its
    requests can share an HTTP/2 connection; requests over plain HTTP/1.1 take the pools in turn.
    """

    def __init__(self, *, backend: httpcore.AsyncNetworkBackend, pools: int) -> None:
        context = httpx.create_ssl_context(trust_env=False)
        limits = httpx.Limits(
            max_connections=None, max_keepalive_connections=KEPT_PER_POOL, keepalive_expiry=30.0
        )
        self._pools = [
            httpx.AsyncHTTPTransport(verify=context, http2=True, trust_env=False, limits=limits)
            for _ in range(pools)
        ]
        for pool in self._pools:
            _put_in(pool, backend)
        self._turn = itertools.cycle(self._pools)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Hand the request to one of the pools."""
        if request.url.scheme == "http":
            pool = next(self._turn)
        else:
            pool = self._pools[hash(request.url.host) % len(self._pools)]
        return await pool.handle_async_request(request)

    async def aclose(self) -> None:
        """Close all connections."""
        for pool in self._pools:
            await pool.aclose()


def _put_in(transport: httpx.AsyncHTTPTransport, backend: httpcore.AsyncNetworkBackend) -> None:
    """Replace the transport's network backend, for which httpx 0.28 has no argument.

    Raises:
        AttributeError: httpx or httpcore keeps it elsewhere now. Without the backend nothing
            would be checked, so nothing may be sent.
    """
    pool = transport._pool  # noqa: SLF001 - see above
    if not hasattr(pool, "_network_backend"):
        message = "httpcore's pool has no _network_backend: the SSRF guard cannot be put in"
        raise AttributeError(message)
    pool._network_backend = backend  # noqa: SLF001 - see above
