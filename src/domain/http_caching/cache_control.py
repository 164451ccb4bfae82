"""The Cache-Control field (RFC 9111 section 5.2)."""

import re
from collections.abc import Mapping
from functools import lru_cache

from domain.headers import Headers
from domain.http_caching.delta_seconds import parse_delta_seconds

_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_DIRECTIVE = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:=(.*))?", re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)")


class CacheControl:
    """Directives by lower-case name; of a repeated directive the first one counts.

    Attributes:
        no_cache, no_store, must_understand: whether they are there; asked of every answer, as are
        max_age: seconds; None without the directive.
        against_stale: the origin wants to be asked, whatever happens (RFC 9111 section 5.2.2).
    """

    __slots__ = (
        "_directives",
        "against_stale",
        "max_age",
        "must_understand",
        "no_cache",
        "no_store",
    )

    def __init__(self, directives: Mapping[str, str]) -> None:
        self._directives = dict(directives)
        self.no_cache = "no-cache" in directives
        self.no_store = "no-store" in directives
        self.must_understand = "must-understand" in directives
        self.against_stale = self.no_cache or "must-revalidate" in directives
        self.max_age = self.seconds("max-age")

    def __contains__(self, name: str) -> bool:
        return name in self._directives

    def seconds(self, name: str) -> int | None:
        """The number a directive gives; None when it is absent, 0 when it gives none.

        Invalid freshness information makes an answer stale (RFC 9111 section 4.2.1).
        """
        value = self._directives.get(name)
        if value is None:
            return None
        return parse_delta_seconds(value) or 0

    def argument(self, name: str) -> str | None:
        """What stands behind the directive's "="; empty for nothing, None without directive."""
        return self._directives.get(name)


def cache_control(headers: Headers) -> CacheControl:
    """The directives of a message; anything that is not a directive is passed over."""
    return parse_cache_control(headers.by_name.get("cache-control") or "")


@lru_cache(maxsize=512)
def parse_cache_control(text: str) -> CacheControl:
    """The directives of a field; anything that is not a directive is passed over."""
    directives: dict[str, str] = {}
    for member in _MEMBER.findall(text):
        # White space before "=" is not in the grammar: such a directive has no value.
        if match := _DIRECTIVE.match(member.strip()):
            directives.setdefault(match[1].lower(), _unquoted(match[2] or ""))
    return CacheControl(directives)


def _unquoted(value: str) -> str:
    if value[:1] != '"':
        return value
    return _QUOTED_PAIR.sub(r"\1", value[1:].removesuffix('"'))
