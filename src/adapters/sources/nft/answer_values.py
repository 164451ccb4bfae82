"""Numbers, times and money of OpenSea's answers."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.sources.json_documents import Document, ExactNumber, read_answer
from adapters.sources.nft.collection_answers import upstream_words, whole_number
from domain.errors import ParseError
from domain.requests import Response

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = 253_402_300_799  # 9999-12-31T23:59:59Z
_DIGITS = re.compile(r"[0-9]{1,80}", re.ASCII)
_MOST_DECIMALS = 80
_BIGINT = 1 << 63

type Price = tuple[str | None, float | None]
"""The exact amount in decimal digits, and the nearest DOUBLE."""


def answer_object(response: Response, slug: str) -> tuple[dict[str, Any], Document]:
    """The JSON object of an answer.

    Raises:
        ParseError: it is none.
    """
    try:
        document = read_answer(response)
    except ParseError as error:
        message = f"The answer for {slug} cannot be read: {error}."
        raise ParseError(message) from error
    if type(document.value) is not dict:
        message = f"The answer for {slug} is not a JSON object."
        raise ParseError(message)
    return document.value, document


def members(answer: dict[str, Any], name: str, slug: str) -> list[Any]:
    """A list of the answer.

    Raises:
        ParseError: it has none of that name.
    """
    found = answer.get(name)
    if type(found) is not list:
        message = f"The answer for {slug} has no list of {name}{upstream_words(answer)}."
        raise ParseError(message)
    return found


def child(value: Any, name: str) -> dict[str, Any]:
    """An object within an object; an empty one where there is none."""
    found = value.get(name) if type(value) is dict else None
    return found if type(found) is dict else {}


def integer(value: Any) -> int | None:
    """A BIGINT column's value, from a number or from digits."""
    digits = type(value) is str and _DIGITS.fullmatch(value)
    return whole_number(int(value) if digits else value)


def number(value: Any) -> float | None:
    """A DOUBLE column's value."""
    if type(value) is int:
        return float(value) if abs(value) < _BIGINT else None
    return float(value) if type(value) is ExactNumber and math.isfinite(value) else None


def moment(value: Any) -> datetime | None:
    """A time in seconds since 1970, as a number or in digits; null where it is none."""
    seconds = integer(value)
    if seconds is None or not 0 <= seconds <= _LATEST:
        return None
    return _EPOCH + timedelta(seconds=seconds)


def epoch(at: datetime) -> int:
    """Whole seconds since 1970, rounded down; not before 1970."""
    return max(0, (at - _EPOCH) // timedelta(seconds=1))


def price(amount: Any, decimals: Any) -> Price:
    """An amount in a currency's smallest units, with the point where it belongs; nulls for none.

    `1500000000000000000` with 18 decimals is `1.5`.
    """
    digits = str(amount) if type(amount) is int else amount
    places = integer(decimals)
    if type(digits) is not str or not _DIGITS.fullmatch(digits):
        return None, None
    if places is None or not 0 <= places <= _MOST_DECIMALS:
        return None, None
    whole = digits.rjust(places + 1, "0")
    point = len(whole) - places
    fraction = whole[point:].rstrip("0")
    exact = (whole[:point].lstrip("0") or "0") + (f".{fraction}" if fraction else "")
    return exact, float(exact)
