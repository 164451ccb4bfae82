"""Keys that an upstream sends back."""

import json
from functools import lru_cache
from urllib.parse import quote

from adapters.http.wire import WireResponse
from domain.headers import Headers
from domain.scrubbing import MASK

_SHORTEST = 8
"""Characters; a shorter key may be an ordinary word of the data."""


def without_key(answer: WireResponse, secret: str) -> WireResponse:
    """The answer with masks where it repeats the key: as sent, percent-encoded, or in JSON.

    Whatever is made of the answer later (a stored entry, a message, a row) is free of it then.
    """
    spellings = _spellings(secret)
    body = answer.body
    for spelling in spellings:
        if (encoded := spelling.encode()) in body:
            body = body.replace(encoded, MASK.encode())
    fields = [(name, _masked(value, spellings)) for name, value in answer.headers]
    if body is answer.body and fields == list(answer.headers):
        return answer
    return answer._replace(body=body, headers=Headers.of_lower_case(fields))


@lru_cache(maxsize=16)
def _spellings(secret: str) -> tuple[str, ...]:
    if len(secret) < _SHORTEST:
        return ()
    in_json = json.dumps(secret)[1:-1]
    every = (secret, quote(secret, safe=""), in_json, in_json.replace("/", "\\/"))
    return tuple(dict.fromkeys(every))


def _masked(value: str, spellings: tuple[str, ...]) -> str:
    for spelling in spellings:
        value = value.replace(spelling, MASK)
    return value
