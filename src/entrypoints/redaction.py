"""Keeps keys out of whatever is shown or written."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from domain.scrubbing import MASK, is_secret_name, scrubbed_text

_SHORTEST_SECRET = 4
_LONG_ENOUGH_TO_HINT = 20


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
        return scrubbed_text(text)

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


def hint(secret: str) -> str:
    """A secret in a form that may be shown: its end when it is long, else that it is set."""
    return f"…{secret[-4:]}" if len(secret) >= _LONG_ENOUGH_TO_HINT else "set"
