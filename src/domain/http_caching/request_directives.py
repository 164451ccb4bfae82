"""What a request asks of the caches on its way (RFC 9111 section 5.2.1)."""

from dataclasses import dataclass
from functools import lru_cache
from math import inf

from domain.headers import Headers
from domain.http_caching.cache_control import cache_control


@dataclass(frozen=True, slots=True)
class RequestDirectives:
    """The directives of one request.

    Attributes:
        max_age: greatest age in seconds that will do; None: any.
        min_fresh: seconds for which the answer must stay fresh.
        max_stale: seconds of staleness that will do.
    """

    no_cache: bool = False
    no_store: bool = False
    only_if_cached: bool = False
    max_age: float | None = None
    min_fresh: float = 0.0
    max_stale: float = 0.0

    @property
    def accept_stale(self) -> bool:
        """A stale answer will do where the origin allows one."""
        return not self.no_cache and self.max_age is None and not self.min_fresh


NONE = RequestDirectives()


@lru_cache(maxsize=512)
def request_directives(headers: Headers) -> RequestDirectives:
    """The directives of a request with these fields.

    `Pragma: no-cache` counts where there is no Cache-Control (RFC 9111 section 5.4).
    """
    if "cache-control" not in headers:
        pragma = (headers.get("pragma") or "").lower().split(",")
        no_cache = "no-cache" in (each.strip() for each in pragma)
        return RequestDirectives(no_cache=True) if no_cache else NONE
    directives = cache_control(headers)
    max_stale = inf if directives.argument("max-stale") == "" else directives.seconds("max-stale")
    return RequestDirectives(
        no_cache="no-cache" in directives,
        no_store="no-store" in directives,
        only_if_cached="only-if-cached" in directives,
        max_age=directives.seconds("max-age"),
        min_fresh=directives.seconds("min-fresh") or 0.0,
        max_stale=max_stale or 0.0,
    )
