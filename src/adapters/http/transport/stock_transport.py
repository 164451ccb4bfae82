"""httpx's own transport, over our guarded connections."""

import httpx

from adapters.http.pinned_backend import PinnedBackend
from adapters.http.transport.network import SystemNetwork

_KEPT = 8  # idle connections


def stock_transport(
    backend: PinnedBackend | SystemNetwork, concurrency: int
) -> httpx.AsyncHTTPTransport:
    """The transport with its network backend replaced, for which httpx 0.28 has no argument.

    Raises:
        AttributeError: httpx or httpcore keeps it elsewhere now. Without the backend nothing
            would be checked, so nothing may be sent.
    """
    transport = httpx.AsyncHTTPTransport(
        verify=httpx.create_ssl_context(trust_env=False),
        http2=True,
        trust_env=False,
        limits=httpx.Limits(
            max_connections=concurrency, max_keepalive_connections=_KEPT, keepalive_expiry=30.0
        ),
    )
    pool = transport._pool  # noqa: SLF001 - see above
    if not hasattr(pool, "_network_backend"):
        message = "httpcore's pool has no _network_backend: the SSRF guard cannot be put in"
        raise AttributeError(message)
    pool._network_backend = backend  # type: ignore[assignment]  # noqa: SLF001 - see above
    return transport
