"""Which request fields an answer depends on (RFC 9111 section 4.1)."""

from functools import lru_cache

from domain.headers import Headers
from domain.http_caching.languages import best_language, normalised_languages
from domain.http_caching.stored_response import StoredResponse

_LANGUAGES = "accept-language"
_OF_A_PART = ("if-range", "range")
_PARTIAL = 206


def varies_on_everything(response_headers: Headers) -> bool:
    """`Vary: *`, alone or as a member: no other request ever matches."""
    return "*" in _names(response_headers)


def vary_key(response_headers: Headers, request_headers: Headers, *, partial: bool = False) -> str:
    """The request's values of the fields that Vary names, one a line; empty without Vary.

    White space and the division into lines do not count, nor do case and order of languages; an
    absent field differs from an empty one. A part depends on the Range that asked for it too.
    """
    if not partial and "vary" not in response_headers.by_name:
        return ""
    names = _names(response_headers)
    if partial:
        names = (*(name for name in names if name not in _OF_A_PART), *_OF_A_PART)
    return "\n".join([_line(name, request_headers) for name in names]) if names else ""


def matches(stored: StoredResponse, request_headers: Headers) -> bool:
    """The request selects this variant."""
    if not stored.vary_key:
        return True
    key = vary_key(stored.headers, request_headers, partial=stored.status == _PARTIAL)
    return key == stored.vary_key or _in_the_language_wanted(stored, key, request_headers)


def _in_the_language_wanted(stored: StoredResponse, key: str, request_headers: Headers) -> bool:
    """All other fields match, and no other answer could be in a language wanted more.

    Both requests then mean the same as far as this representation goes: the origin chose its
    language for the one, and the other prefers that language to all others.
    """
    language = stored.headers.get("content-language")
    wanted = request_headers.get(_LANGUAGES)
    if language is None or wanted is None or best_language(wanted) != language.strip().lower():
        return False
    one, other = key.split("\n"), stored.vary_key.split("\n")
    differing = {line.partition(":")[0] for pair in zip(one, other, strict=False)
                 if pair[0] != pair[1] for line in pair}  # fmt: skip
    return len(one) == len(other) and differing == {_LANGUAGES} and _LANGUAGES not in other


def _names(headers: Headers) -> tuple[str, ...]:
    field = headers.by_name.get("vary")
    return () if field is None else _members(field)


@lru_cache(maxsize=512)
def _members(field: str) -> tuple[str, ...]:
    return tuple(sorted({name for part in field.split(",") if (name := part.strip().lower())}))


def _line(name: str, request_headers: Headers) -> str:
    value = request_headers.get(name)
    if value is None:
        return name
    if name == _LANGUAGES:
        return f"{name}:{normalised_languages(value)}"
    members = (" ".join(member.split()) for member in value.split(","))
    return f"{name}:{','.join(members)}"
