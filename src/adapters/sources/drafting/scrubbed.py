"""An answer without keys, fit to be kept as a recording."""

import re
from typing import Any

from adapters.sources.drafting.asking import read_address
from adapters.sources.json_documents import decode, encode
from domain.drafts import Wishes
from domain.errors import ParseError
from domain.scrubbing import MASK, is_secret_name, scrubbed_url

_SHORTEST = 4
_ADDRESS = re.compile(r"<([^<>]*)>")


def scrubbed_answer(wishes: Wishes, body: bytes, media_type: str | None) -> bytes:
    """The same bytes where nothing looks like a key; else the document with masks.

    Args:
        wishes: with the address that was asked; values of its key parameters are masked.
        body: an answer; one that is not JSON comes back without those values alone.
        media_type: of the body.
    """
    for each in _secrets(wishes):
        body = body.replace(each.encode(), MASK.encode())
    try:
        value = decode(body, media_type)
    except ParseError:
        return body
    clean = _clean(value)
    return body if clean == value else encode(clean).encode()


def scrubbed_field(wishes: Wishes, text: str) -> str:
    """A header field without them; addresses stand in angle brackets (RFC 8288)."""
    for each in _secrets(wishes):
        text = text.replace(each, MASK)
    return _ADDRESS.sub(lambda found: f"<{scrubbed_url(found[1])}>", text)


def _secrets(wishes: Wishes) -> list[str]:
    return [each for each in read_address(wishes.url, "").secrets if len(each) >= _SHORTEST]


def _clean(value: Any) -> Any:
    if type(value) is dict:
        return {
            name: MASK if type(each) is str and each and is_secret_name(name) else _clean(each)
            for name, each in value.items()
        }
    if type(value) is list:
        return [_clean(each) for each in value]
    is_address = type(value) is str and value.startswith(("http://", "https://"))
    return scrubbed_url(value) if is_address else value
