"""Parts of answers (RFC 9110 section 14, RFC 9111 sections 3.3 and 3.4)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.headers import Headers
from domain.http_caching.http_dates import parse_http_date
from domain.http_caching.stored_response import StoredResponse

_RANGE = re.compile(
    r"bytes=[ \t]*(?:(\d{1,18})-(\d{1,18})?|-(\d{1,18}))[ \t]*", re.ASCII | re.IGNORECASE
)
_CONTENT_RANGE = re.compile(
    r"bytes[ \t]+(\d{1,18})-(\d{1,18})/(?:(\d{1,18})|\*)", re.ASCII | re.IGNORECASE
)
_OK = 200
_PARTIAL = 206
_UNSATISFIABLE = 416
_ABOUT_THE_PART = frozenset({"content-range", "content-length"})


@dataclass(frozen=True, slots=True)
class ByteRange:
    """What one Range asks for: from `first` to `last` (None: the end), or the last `suffix`."""

    first: int = 0
    last: int | None = None
    suffix: int | None = None

    def within(self, length: int) -> slice | None:
        """The bytes of a representation of that length; None where there are none."""
        if self.suffix is not None:
            begin, end = max(0, length - self.suffix), length
        else:
            begin, end = self.first, length if self.last is None else min(self.last + 1, length)
        return slice(begin, end) if begin < end else None


@dataclass(frozen=True, slots=True)
class Part:
    """Where a body lies in its representation: bytes `first` to `end`, exclusive, of `length`."""

    first: int
    end: int
    length: int | None


def parse_range(field: str) -> ByteRange | None:
    """One range of bytes; None for several, for another unit, and for what is no range.

    A field that is not understood may be ignored (RFC 9110 section 14.2).
    """
    match = _RANGE.fullmatch(field.strip())
    if match is None:
        return None
    if match[3] is not None:
        return ByteRange(suffix=int(match[3]))
    last = None if match[2] is None else int(match[2])
    return None if last is not None and last < int(match[1]) else ByteRange(int(match[1]), last)


def part_of(stored: StoredResponse) -> Part | None:
    """Where the stored body lies; None for a part whose Content-Range and body disagree."""
    if stored.status != _PARTIAL:
        return Part(0, len(stored.body), len(stored.body))
    match = _CONTENT_RANGE.fullmatch((stored.headers.get("content-range") or "").strip())
    if match is None:
        return None
    part = Part(int(match[1]), int(match[2]) + 1, None if match[3] is None else int(match[3]))
    fits = part.length is None or part.end <= part.length
    return part if fits and part.end - part.first == len(stored.body) else None


def sliced(stored: StoredResponse, request_headers: Headers) -> StoredResponse | None:
    """The part that the request's Range asks for, as 206; 416 where there is nothing there.

    None: the Range is to be ignored (RFC 9110 section 14.2), or the stored part does not hold it.
    """
    wanted = parse_range(request_headers.get("range") or "")
    part = part_of(stored)
    if wanted is None or part is None or part.length is None:
        return None
    if not _if_range_holds(stored, request_headers):
        return None
    where = wanted.within(part.length)
    if where is None:
        fields = Headers((("content-range", f"bytes */{part.length}"),))
        return stored._replace(status=_UNSATISFIABLE, headers=fields, body=b"")
    if where.start < part.first or where.stop > part.end:
        return None
    body = stored.body[where.start - part.first : where.stop - part.first]
    described = f"bytes {where.start}-{where.stop - 1}/{part.length}"
    fields = Headers((*_without_part(stored.headers), ("content-range", described)))
    return stored._replace(status=_PARTIAL, headers=fields, body=body)


def combined(newest: StoredResponse, others: Iterable[StoredResponse]) -> StoredResponse | None:
    """The whole that stored parts make up together; None unless they do.

    Parts belong together by the same strong entity tag; where they overlap their bytes must be
    the same, since a tag may lie.
    """
    tag, whole = newest.headers.get("etag"), part_of(newest)
    if tag is None or not tag.startswith('"') or whole is None or whole.length is None:
        return None
    parts = [(whole, newest.body)]
    for each in others:
        part = part_of(each)
        same = each.status == _PARTIAL and each.headers.get("etag") == tag
        if same and part is not None and part.length == whole.length:
            parts.append((part, each.body))
    body = bytearray()
    for part, piece in sorted(parts, key=lambda each: each[0].first):
        overlap = len(body) - part.first
        if overlap < 0 or body[part.first : part.end] != piece[:overlap]:
            return None
        body += piece[overlap:]
    if len(body) != whole.length:
        return None
    fields = Headers(_without_part(newest.headers))
    return newest._replace(status=_OK, headers=fields, body=bytes(body))


def _without_part(headers: Headers) -> list[tuple[str, str]]:
    return [field for field in headers if field[0] not in _ABOUT_THE_PART]


def _if_range_holds(stored: StoredResponse, request_headers: Headers) -> bool:
    """What the caller has is the stored representation (RFC 9110 section 13.1.5)."""
    condition = request_headers.get("if-range")
    if condition is None:
        return True
    if condition.startswith('"'):
        return condition == stored.headers.get("etag")
    moment = parse_http_date(condition)
    return moment is not None and moment == parse_http_date(
        stored.headers.get("last-modified") or ""
    )
