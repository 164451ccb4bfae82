"""What TLS offers and demands."""

import ssl
from functools import cached_property

import httpx


class TlsContexts:
    """Contexts that verify certificates and names; made when first needed, for that takes time.

    The protocols to choose from (ALPN, RFC 7301) belong to a context, hence one for each choice.
    """

    @cached_property
    def http2(self) -> ssl.SSLContext:
        """HTTP/2 before HTTP/1.1."""
        return _offering("h2", "http/1.1")

    @cached_property
    def http1(self) -> ssl.SSLContext:
        """HTTP/1.1 alone."""
        return _offering("http/1.1")


def _offering(*protocols: str) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    context.set_alpn_protocols(list(protocols))
    return context
