"""Documents that stand inside their address (RFC 2397, and what contracts make of it)."""

import base64
import binascii
import re
from urllib.parse import unquote_to_bytes

from adapters.sources.json_documents import Document, read_document
from domain.errors import ParseError
from domain.requests import METADATA_BYTES

_WHITESPACE = re.compile(rb"\s+")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


def is_data_uri(uri: str) -> bool:
    """Whether the address is a document itself."""
    return uri[:5].lower() == "data:"


def read_data_uri(uri: str) -> Document:
    """The JSON document of a `data:` URI: base64 or text, raw or percent-encoded.

    Raises:
        ParseError: no comma, broken base64, larger than METADATA_BYTES, or not JSON.
    """
    header, comma, payload = uri[5:].partition(",")
    if not comma:
        message = "a data URI without a comma"
        raise ParseError(message)
    if len(payload) > 2 * METADATA_BYTES:
        raise ParseError(_TOO_LARGE)
    sent = payload.encode(errors="replace")
    if header.rstrip().lower().endswith("base64"):
        candidates = [_from_base64(sent)]
    else:
        plain = unquote_to_bytes(sent)
        # Many contracts send raw JSON in which "%" means itself.
        candidates = [sent, plain] if sent.lstrip()[:1] == b"{" and plain != sent else [plain]
    if max(map(len, candidates)) > METADATA_BYTES:
        raise ParseError(_TOO_LARGE)
    return _first_readable(candidates, header)


_TOO_LARGE = f"a data URI larger than {METADATA_BYTES} bytes"


def _from_base64(payload: bytes) -> bytes:
    digits = _WHITESPACE.sub(b"", unquote_to_bytes(payload)).translate(_URL_SAFE).rstrip(b"=")
    try:
        return base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
    except binascii.Error as exc:
        message = "a data URI with broken base64"
        raise ParseError(message) from exc


def _first_readable(candidates: list[bytes], media_type: str) -> Document:
    *others, last = candidates
    for candidate in others:
        try:
            return read_document(candidate, media_type)
        except ParseError:
            continue
    return read_document(last, media_type)
