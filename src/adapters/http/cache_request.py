"""A request as the cache sees it."""

from dataclasses import dataclass
from functools import lru_cache

from adapters.http.cache_key import cache_key
from domain.headers import Headers
from domain.http_caching.preconditions import ORIGIN_ONLY
from domain.http_caching.request_directives import RequestDirectives, request_directives
from domain.http_caching.terms import Terms
from domain.requests import Request

_OK = 200
_READS = frozenset({"GET", "HEAD"})


type Question = str | tuple[str, str, Headers, Terms]
"""Requests with the same one may have the same answer."""


@dataclass(slots=True, eq=False)
class CacheRequest:
    """A request with all that the cache needs to know of it.

    Attributes:
        url: absolute.
        key: of what is stored for it.
        headers: the request's own fields; all others are the same for every request.
        directives: what they ask of caches.
        is_plain: a GET that wants the whole answer, whatever the caller has.
        may_reuse: a stored answer may do.
        question: what makes requests alike. The address counts beside the key: one gateway's
            failure is not another one's.
        seen: how many answers the cache had stored when it was looked up.
    """

    request: Request
    url: str
    key: str
    terms: Terms
    headers: Headers
    directives: RequestDirectives
    is_plain: bool
    may_reuse: bool
    question: Question
    seen: int = 0

    @property
    def is_ranged(self) -> bool:
        """A part will do."""
        return "range" in self.headers

    @property
    def is_query(self) -> bool:
        """A question that is put otherwise than by GET, and whose answer the terms keep."""
        return _is_query(self.request, self.terms)


def cache_request(request: Request, url: str, terms: Terms, partition: str) -> CacheRequest:
    """The request as the cache sees it.

    Args:
        request: what is asked for.
        url: absolute.
        terms: how the answer is kept.
        partition: of the credential that will be sent.
    """
    headers, directives, accept = _accepting(request.accept)
    if request.method == "GET" and not request.headers:
        key = cache_key(request, url, partition)
        plainly = f"{key} {url} {accept} {terms.words}"
        reusable = terms.may_reuse
        return CacheRequest(request, url, key, terms, headers, directives, True, reusable, plainly)
    headers = Headers((*headers, *request.headers))
    query = _is_query(request, terms)
    key = cache_key(request, url, partition, query=query)
    reusable = (
        terms.may_reuse
        and (query or request.method in _READS)
        and not any(name in ORIGIN_ONLY for name, _ in headers)
    )
    directives = request_directives(headers)
    question = key, url, headers, terms
    return CacheRequest(request, url, key, terms, headers, directives, False, reusable, question)


def _is_query(request: Request, terms: Terms) -> bool:
    """A request that is safe to repeat, of a kind that is kept whatever the upstream says."""
    return request.method not in _READS and request.may_repeat and terms.override(_OK)


@lru_cache(maxsize=64)
def _accepting(accept: str) -> tuple[Headers, RequestDirectives, str]:
    """Fields and directives of plain requests, and the fields as text."""
    headers = Headers((("accept", accept),) if accept else ())
    return headers, request_directives(headers), repr(accept)
