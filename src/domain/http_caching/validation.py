"""Asking whether a stored answer is still current (RFC 9111 section 4.3)."""

import re
from collections.abc import Mapping

from domain.headers import Headers
from domain.http_caching.end_to_end import end_to_end
from domain.http_caching.http_dates import parse_http_date
from domain.http_caching.stored_response import StoredResponse

FULL_REFRESH = 30 * 86400.0
"""Seconds after which a body is asked for without conditions."""

_ENTITY_TAG = re.compile(r"[\x21-\x7e]+")
_BOUND_TO_THE_BODY = frozenset({"content-encoding", "content-length", "content-range"})


def conditions(stored: StoredResponse) -> tuple[tuple[str, str], ...]:
    """Fields that make a request conditional on this answer; empty without validators.

    Both validators are sent where both are known (RFC 9110 section 13.1.3).
    """
    fields: list[tuple[str, str]] = []
    tag = _entity_tag(stored.headers)
    if tag is not None:
        fields.append(("if-none-match", tag))
    modified = stored.headers.get("last-modified")
    if modified is not None and parse_http_date(modified) is not None:
        fields.append(("if-modified-since", modified))
    return tuple(fields)


def has_validator(fields: Mapping[str, str]) -> bool:
    """Whether `conditions` has any for an answer with these fields (`Headers.by_name`)."""
    modified = fields.get("last-modified")
    if modified is not None and parse_http_date(modified) is not None:
        return True
    return _valid_tag(fields) is not None


def conditions_at(stored: StoredResponse, now: float) -> tuple[tuple[str, str], ...]:
    """As `conditions`, but none for a body so old that it is to be had anew.

    An origin whose tags lie would confirm it for ever.
    """
    return conditions(stored) if now - stored.body_received_at < FULL_REFRESH else ()


def is_confirmed(stored: StoredResponse, not_modified: Headers) -> bool:
    """A 304 with these fields speaks of the stored answer (RFC 9111 section 4.3.4).

    Tags are compared weakly (RFC 9110 section 8.8.3.2); a 304 need not repeat one.
    """
    named, known = _entity_tag(not_modified), _entity_tag(stored.headers)
    if named is None or known is None:
        return True
    return named.removeprefix("W/") == known.removeprefix("W/")


def freshened(
    stored: StoredResponse, not_modified: Headers, requested_at: float, received_at: float
) -> StoredResponse:
    """The stored answer with the fields of a 304 in place of its own (RFC 9111 section 3.2).

    Fields that describe the form of the stored body stay; the body's own time too.
    """
    news = [field for field in end_to_end(not_modified) if field[0] not in _BOUND_TO_THE_BODY]
    # An Age or Date of the earlier exchange would be counted from the new one.
    replaced = {name for name, _ in news} | {"age", "date"}
    kept = [(name, value) for name, value in stored.headers if name not in replaced]
    return stored._replace(
        headers=Headers((*kept, *news)),
        requested_at=requested_at,
        received_at=received_at,
        fresh_until=None,
    )


def describes(stored: StoredResponse, head: Headers) -> bool:
    """The fields of an answer to HEAD are those of the stored answer (RFC 9111 section 4.3.5)."""
    names = ("etag", "last-modified", "content-length")
    pairs = ((stored.headers.get(name), head.get(name)) for name in names)
    return all(one == other for one, other in pairs if one is not None and other is not None)


def _entity_tag(headers: Headers) -> str | None:
    return _valid_tag(headers.by_name)


def _valid_tag(fields: Mapping[str, str]) -> str | None:
    # Several tags are joined by a comma and a space, which no tag has.
    tag = fields.get("etag")
    return tag if tag is not None and _ENTITY_TAG.fullmatch(tag) else None
