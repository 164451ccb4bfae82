"""What a cache keeps of an answer."""

from typing import NamedTuple

from domain.headers import Headers


class StoredResponse(NamedTuple):
    """A complete answer with all that freshness and revalidation need (RFC 9111 section 3).

    Attributes:
        source: name of the source that asked, for `app cache stats` and `purge`.
        url: without secrets.
        status: 206 for a part that was asked for as such (RFC 9111 section 3.3).
        vary_key: the request's values of the fields that the answer's Vary names, normalised;
            those of Range as well for a 206. Empty without any.
        requested_at, received_at: epoch seconds of the exchange (RFC 9111 section 4.2.3); of the
            latest one when a 304 has freshened the answer.
        body_received_at: epoch seconds at which the body itself arrived.
        expires_at: epoch seconds after which the entry is of no use at all, not even for
            revalidation; a store may drop it then.
        fresh_until: epoch seconds until which the answer may be reused without asking, so that a
            hit need not read the header fields; None: they have to be read.
    """

    source: str
    url: str
    status: int
    headers: Headers
    body: bytes
    vary_key: str
    requested_at: float
    received_at: float
    body_received_at: float
    expires_at: float
    fresh_until: float | None = None
