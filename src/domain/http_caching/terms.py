"""What the cache's owner adds to what the header fields say."""

from dataclasses import dataclass, field
from functools import lru_cache

from domain.requests import CacheMode, CachePolicy, Trust

NEGATIVE_LIFETIME = 86400.0
"""Seconds for which a document found in data counts as gone, when its host does not say."""

STALE_WHEN_DISCONNECTED = 86400.0
"""Seconds past its freshness for which such a document stands in for a host that is away."""

_SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True)
class Terms:
    """How the answers to one kind of request are kept.

    Attributes:
        policy: the source's or the request's override.
        negative_lifetime: seconds for which a 404 or 410 stays fresh when its header fields give
            no lifetime (a heuristic, RFC 9111 section 4.2.2).
        stale_when_disconnected: seconds past its freshness for which an answer stands in for an
            upstream that cannot be reached (RFC 9111 section 4.2.4).
        words: the same as text, spelled once.
    """

    policy: CachePolicy
    negative_lifetime: float = 0.0
    stale_when_disconnected: float = 0.0
    words: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", repr(self))

    def __hash__(self) -> int:
        # Part of what makes requests alike; the hash of a mode takes longer than all of this.
        return hash((self.negative_lifetime, self.stale_when_disconnected, self.policy.seconds))

    @property
    def may_reuse(self) -> bool:
        """A stored answer may do."""
        mode = self.policy.mode
        return mode is not CacheMode.OFF and mode is not CacheMode.REFRESH

    @property
    def is_on(self) -> bool:
        """The cache is used at all."""
        return self.policy.mode is not CacheMode.OFF

    def override(self, status: int) -> bool:
        """The policy decides about this answer, whatever its header fields say."""
        return self.policy.mode is not CacheMode.RFC9111 and self.is_on and status in _SUCCESS


@lru_cache(maxsize=256)
def terms_for(policy: CachePolicy, trust: Trust) -> Terms:
    """The terms of requests with this override and trust.

    Documents found in data stand alone, so that an older one is better than none. The pages of a
    source belong together: a stale one among fresh ones would tear a list apart.
    """
    if trust is Trust.UNTRUSTED:
        return Terms(policy, NEGATIVE_LIFETIME, STALE_WHEN_DISCONNECTED)
    return Terms(policy)
