"""What a source asks for, and what it gets: no I/O, no HTTP library."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.frozen import quickly_made
from domain.headers import Headers

_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})

METADATA_BYTES = 5 * 1024 * 1024
PAGE_BYTES = 64 * 1024 * 1024


class Trust(StrEnum):
    """Which client may carry a request."""

    SOURCE = "source"  # the source's own origin: keys go along, redirects are refused
    UNTRUSTED = "untrusted"  # an address found in data: no keys, guarded, checked redirects


class CacheMode(StrEnum):
    """How the HTTP cache treats an answer."""

    RFC9111 = "rfc9111"  # as the upstream's headers say
    IMMUTABLE = "immutable"  # content-addressed: kept until evicted, never asked again
    REFRESH = "refresh"  # kept like IMMUTABLE, but never answered from the store; see --offline
    KEEP = "keep"  # kept for `CachePolicy.seconds`, whatever the headers say
    OFF = "off"  # never stored, never answered from the store


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """A cache mode and, for KEEP, its duration in seconds."""

    mode: CacheMode = CacheMode.RFC9111
    seconds: int = 0


class Origin(StrEnum):
    """Where an answer came from."""

    NETWORK = "network"
    CACHE = "cache"
    REVALIDATED = "revalidated"
    STALE = "stale"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question to an upstream.

    Attributes:
        kind: the source's own word for what it asks ("page", "metadata").
        url: a path below the source's base URL when `trust` is SOURCE, else an absolute address.
        params: query parameters, not yet encoded.
        context: JSON values that `parse` needs again (the NFT that the answer enriches).
        expands: the answer may lead to many further requests (a list page); the engine
            holds such requests back while others wait, so that memory stays bounded.
        cache: overrides the source's cache policy.
        identity: what is asked for, when that is not the URL (an IPFS CID behind any gateway).
        max_bytes: largest decoded body that is read.
        method: the HTTP method, in capitals.
        content: the body to send; empty for none.
        headers: further fields of the request's own (a Range, a condition), names in lower case.
        repeatable: asking twice does no harm; None: as the method says (RFC 9110 section 9.2.2).
        weight: how much it counts against the source's limits, where the upstream weighs.
        host: which of the source's further hosts is asked (`SourcePolicy.hosts`); empty for the
            one of its base URL.
    """

    kind: str
    url: str
    params: tuple[tuple[str, str], ...] = ()
    trust: Trust = Trust.SOURCE
    context: Mapping[str, Any] = field(default_factory=dict)
    expands: bool = False
    cache: CachePolicy | None = None
    identity: str | None = None
    accept: str = "application/json"
    max_bytes: int = PAGE_BYTES
    method: str = "GET"
    content: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    repeatable: bool | None = None
    weight: int = 1
    host: str = ""

    @property
    def may_repeat(self) -> bool:
        """A failed attempt may be sent again."""
        return self.method in _IDEMPOTENT if self.repeatable is None else self.repeatable


@quickly_made
@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer with a 2xx status; the body is decoded.

    Attributes:
        fetched_at: when the body was received from the upstream (not from the cache), UTC.
        reusable_until: epoch seconds until which the cache gives it again without asking; 0.0
            where it does not.
    """

    status: int
    headers: Headers
    body: bytes
    fetched_at: datetime
    origin: Origin = Origin.NETWORK
    reusable_until: float = 0.0
