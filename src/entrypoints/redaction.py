"""Keeps keys out of whatever is shown or written."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

MASK = "***"
_SHORTEST_SECRET = 4
_LONG_ENOUGH_TO_HINT = 20
_NAME = (
    r"x-api-key|(?:proxy-)?authorization|(?:set-)?cookie"
    r"|[a-z_]*api[_-]?key|[a-z]+[_-]token|[a-z_]*password|[a-z]+[_-]secret"
)
_SECRET_NAME = re.compile(rf"(?:{_NAME}|token|secret)\Z", re.IGNORECASE)
_HEADER = re.compile(
    rf"""\b({_NAME})\b(['"]?\s*[,:=]\s*(?:b?['"])?)(?:(?:bearer|basic|token)\s+)?[^\s'",;&)}}\]]+""",
    re.IGNORECASE,
)
_USERINFO = re.compile(r"([a-z][a-z0-9+.-]*://)[^/\s?#'\"<>]*@", re.IGNORECASE)
_PARAMETER = re.compile(
    r"([?&;](?:[^=&;#\s]*[_.-])?(?:api-?key|key|keyid|token|secret|signature|sig|auth"
    r"|authorization|password|passwd|pwd|credentials?|jwt)=)[^&;#\s'\"]*",
    re.IGNORECASE,
)


class Redactor:
    """Masks known secrets, headers that carry keys, user names in URLs, and key parameters."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}
        known |= {quote(secret, safe="") for secret in known}
        self._known = sorted(known, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for secret in self._known:
            text = text.replace(secret, MASK)
        text = _USERINFO.sub(rf"\1{MASK}@", text)
        text = _PARAMETER.sub(rf"\g<1>{MASK}", text)
        return _HEADER.sub(rf"\g<1>\g<2>{MASK}", text)

    def value(self, value: Any) -> Any:
        """The value with every text in it redacted, however deep; objects become text."""
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return self.text(value)
            case Mapping():
                return {
                    self.text(str(name)): MASK if is_secret_name(str(name)) else self.value(each)
                    for name, each in value.items()
                }
            case list() | tuple() | set() | frozenset():
                return [self.value(each) for each in value]
            case _:
                return self.text(str(value))


def is_secret_name(name: str) -> bool:
    """Whether a header, parameter or member of that name holds a secret."""
    return _SECRET_NAME.match(name) is not None


def hint(secret: str) -> str:
    """A secret in a form that may be shown: its end when it is long, else that it is set."""
    return f"…{secret[-4:]}" if len(secret) >= _LONG_ENOUGH_TO_HINT else "set"
