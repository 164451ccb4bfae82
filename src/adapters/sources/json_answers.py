"""Answers that are JSON."""

from typing import Any

from adapters.sources.json_documents import decode_answer
from domain.errors import ParseError
from domain.requests import Response


def json_of(response: Response, what: str) -> Any:
    """The value of an answer.

    Args:
        response: the answer.
        what: what it should be, for the message, as "the answer for BTCUSDT".

    Raises:
        ParseError: it cannot be read; says why.
    """
    try:
        return decode_answer(response)
    except ParseError as error:
        message = f"{what[:1].upper()}{what[1:]} cannot be read: {error}."
        raise ParseError(message) from error
