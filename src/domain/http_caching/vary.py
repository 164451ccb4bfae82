"""Which request fields an answer depends on (RFC 9111 section 4.1)."""

from functools import lru_cache

from domain.headers import Headers


def varies_on_everything(response_headers: Headers) -> bool:
    """`Vary: *`, alone or as a member: no other request ever matches."""
    return "*" in _names(response_headers)


def vary_key(response_headers: Headers, request_headers: Headers) -> str:
    """The request's values of the fields that Vary names, one a line; empty without Vary.

    White space and the division into lines do not count; an absent field differs from an
    empty one.
    """
    names = _names(response_headers)
    return "\n".join([_line(name, request_headers) for name in names]) if names else ""


def _names(headers: Headers) -> tuple[str, ...]:
    field = headers.get("vary")
    return () if field is None else _members(field)


@lru_cache(maxsize=512)
def _members(field: str) -> tuple[str, ...]:
    return tuple(sorted({name for part in field.split(",") if (name := part.strip().lower())}))


def _line(name: str, request_headers: Headers) -> str:
    value = request_headers.get(name)
    if value is None:
        return name
    members = (" ".join(member.split()) for member in value.split(","))
    return f"{name}:{','.join(members)}"
