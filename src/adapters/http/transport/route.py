"""What requests to one origin have in common."""

from typing import NamedTuple, Self

import httpx

from adapters.http.transport.connection import Fields, SharedFields

PORTS = {"http": 80, "https": 443}

_NOT_PASSED_ON = frozenset({b"host", b"connection", b"transfer-encoding"})


class Origin(NamedTuple):
    """Where a connection leads: `scheme` is "http" or "https", `host` as TLS knows it."""

    scheme: str
    host: str
    port: int


class Route(NamedTuple):
    """The way of a request: made once for many, it may travel as their extension "route".

    Attributes:
        origin: where to.
        authority: as the Host field says it.
        fields: the request's own, as `RequestHead` has them.
        ours: the engine carries it; an upgrade is for others.
    """

    origin: Origin
    authority: bytes
    fields: Fields
    ours: bool

    def shared(self) -> Self:
        """The same for many requests: its fields are made into bytes once."""
        return self._replace(fields=SharedFields(self.fields))

    @classmethod
    def of(cls, url: httpx.URL, headers: httpx.Headers) -> Self:
        """The way of a request with this address and these fields."""
        scheme = url.scheme
        port = PORTS.get(scheme, 0) if url.port is None else url.port
        fields = [(name.lower(), value) for name, value in headers.raw]
        return cls(
            origin=Origin(scheme, url.raw_host.decode("ascii"), port),
            authority=next((value for name, value in fields if name == b"host"), url.netloc),
            fields=[field for field in fields if field[0] not in _NOT_PASSED_ON],
            ours=scheme in PORTS and not any(name == b"upgrade" for name, _ in fields),
        )
