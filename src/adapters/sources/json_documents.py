"""JSON from strangers: exact numbers, bounded depth, one kind of error."""

import codecs
import re
from collections.abc import Callable
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec

from adapters.sources.json_members import Members, members_of, outline_of
from domain.errors import ParseError
from domain.requests import Response

MAX_DEPTH = 128
MAX_TEXT = 1_000_000
"""Characters of a value that is kept; what is longer is a fault or an attack."""

_TOO_LONG = f"a text longer than {MAX_TEXT} characters"
_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_CHARSET = re.compile(r";\s*charset=\"?([a-z0-9_-]{1,20})", re.IGNORECASE)
_CHARSETS = frozenset({"utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "cp1252"})
_BRACKETS = bytes.maketrans(b"[{]}", b"\1\1\0\0")
_STEPS = (-1, 1)  # by what _BRACKETS makes of a bracket
_NO_STRUCTURE = bytes(set(range(256)) - set(b'[{]}"'))
_ESCAPED = re.compile(rb"\\.", re.DOTALL)
_STRING = re.compile(rb'"[^"]*"')
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})"  # half of one
    rb"|.)",
    re.DOTALL,
)
_LINES = re.compile(rb"\s*[{\[][^\n]*[}\]][ \t\r]*\n\s*[{\[]")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


class Document(NamedTuple):
    """A JSON value, and what is odd about it.

    Attributes:
        mended: halves of surrogate pairs in it were replaced by U+FFFD.
        members: whether an object has too many of them, and how many were repeated.
    """

    value: Any
    mended: bool
    members: Members

    @property
    def is_odd(self) -> bool:
        """It was read nevertheless."""
        return self.mended or self.members.repeated > 0


class ExactNumber(float):
    """A JSON number with a fraction or an exponent, and its text as it was sent."""

    __slots__ = ("text",)

    text: str


def _exact(text: str) -> ExactNumber:
    number = ExactNumber(text)
    if number in (float("inf"), float("-inf")):
        message = "a number is out of range"
        raise ValueError(message)
    number.text = text
    return number


_DECODER = msgspec.json.Decoder(float_hook=_exact)


def decode(body: bytes, media_type: str | None = None) -> Any:
    """The value of a JSON document; see `read_document`."""
    return read_document(body, media_type).value


def read_answer(response: Response) -> Document:
    """The JSON document that an answer is; see `read_document`.

    Its fields are looked at only where its body is not UTF-8: those of an answer from the cache
    are read late.
    """
    return _read(response.body, lambda: response.headers.get("content-type"))


def decode_answer(response: Response) -> Any:
    """The value of that document."""
    return read_answer(response).value


def read_document(body: bytes, media_type: str | None = None) -> Document:
    """A JSON document (RFC 8259).

    Integers are exact, other numbers are ExactNumbers, halves of surrogate pairs become U+FFFD,
    a byte order mark is passed over, of members with the same name the last one counts.

    Args:
        body: UTF-8, unless `media_type` says otherwise and UTF-8 does not fit. Its size is
            bounded by who read it (`Request.max_bytes`).
        media_type: with a `charset` parameter, perhaps.

    Raises:
        ParseError: with a reason of a few words that does not depend on the content.
    """
    return _read(body, lambda: media_type)


def _read(body: bytes, media_type: Callable[[], str | None]) -> Document:
    try:
        return _read_utf8(body.removeprefix(codecs.BOM_UTF8))
    except ParseError:
        if (translated := _translated(body, media_type())) is None:
            raise
        return _read_utf8(translated)


def _read_utf8(body: bytes) -> Document:
    mended = False
    try:
        try:
            value = _DECODER.decode(body)
        except ValueError:
            body, whole = _mended(body), body
            if body is whole:
                raise
            value, mended = _DECODER.decode(body), True
    except RecursionError as exc:
        raise ParseError(_TOO_DEEP) from exc
    except ValueError as exc:
        raise ParseError(_complaint(body, exc)) from exc
    opened = body.count(b"[") + body.count(b"{")
    if opened <= MAX_DEPTH:
        return Document(value, mended, members_of(body, value))
    outline = outline_of(value)
    # Where all brackets are found again in the value, none is in a text or was replaced.
    if outline.depth > MAX_DEPTH or (outline.containers != opened and _deep(body)):
        raise ParseError(_TOO_DEEP)
    return Document(value, mended, members_of(body, value, outline))


def _mended(body: bytes) -> bytes:
    """The body without halves of surrogate pairs; the same object where it has none."""
    if not _SURROGATE.search(body):
        return body
    repaired = _ESCAPE.sub(_whole, body)
    return body if repaired == body else repaired


def _whole(escape: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if escape[1] else escape[0]


def _deep(body: bytes) -> bool:
    """Whether valid JSON nests too deeply; judged by its brackets outside of strings."""
    plain = _ESCAPED.sub(b"", body) if b"\\" in body else body
    # Most strings hold no bracket; to take out pairs of quotes leaves the others in or out.
    structure = plain.translate(_BRACKETS, _NO_STRUCTURE).replace(b'""', b"")
    steps = map(_STEPS.__getitem__, _STRING.sub(b"", structure))
    return max(accumulate(steps), default=0) > MAX_DEPTH


def _complaint(body: bytes, error: ValueError) -> str:
    start = body.lstrip()[:1]
    if not start:
        return "empty"
    if start == b"<":
        return "markup, not JSON"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    words = str(error)
    if "trailing characters" in words:
        return (
            "one JSON value a line (NDJSON)" if _LINES.match(body) else "more than one JSON value"
        )
    return "a number is out of range" if "out of range" in words else "not JSON"


def _translated(body: bytes, media_type: str | None) -> bytes | None:
    """The body in UTF-8, when its charset is one that JSON has been seen in; None else."""
    if not media_type or not (match := _CHARSET.search(media_type)):
        return None
    try:
        codec = codecs.lookup(match[1]).name
        return body.decode(codec).encode() if codec in _CHARSETS else None
    except (LookupError, ValueError):
        return None


def encode(value: Any) -> str:
    """The value as JSON text; ExactNumbers as they were sent."""
    return msgspec.json.encode(value, enc_hook=_sent).decode()


def _sent(value: Any) -> msgspec.Raw:
    return msgspec.Raw(value.text.encode())


def text(value: Any) -> str | None:
    """A text column's value: strings and numbers as sent; "" and all else is null."""
    if type(value) is str:
        return value or None
    if type(value) is int:
        return str(value)
    return value.text if type(value) is ExactNumber else None


def short_text(value: Any) -> str | None:
    """The same for text that strangers write.

    Raises:
        ParseError: longer than MAX_TEXT.
    """
    if type(value) is str and len(value) > MAX_TEXT:
        raise ParseError(_TOO_LONG)
    return text(value)


def flag(value: Any) -> bool | None:
    """A boolean column's value."""
    return value if type(value) is bool else None
