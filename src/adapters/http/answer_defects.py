"""Answers with a status of success that are not what was asked for."""

from domain.headers import Headers
from domain.requests import Request

NOT_JSON = "not_json: a web page came in place of data"

_PARTIAL = 206
_MAYBE_EMPTY = frozenset({200, 203, 204})
_BEGINNING = 1024
_PAGES = (b"<!doctype html", b"<html")


def answer_defect(
    request: Request,
    further: tuple[tuple[str, str], ...],
    status: int,
    headers: Headers,
    body: bytes,
) -> str | None:
    """Why an answer to a GET is worth asking for again; None when nothing is wrong with it.

    A part where the whole was asked for, nothing at all, or a web page (a challenge, a notice)
    where the request prefers data. Data that is merely labelled as a page is data.

    Args:
        request: what was asked for.
        further: fields that the layers above have added to it.
        status: of the answer.
        headers: of the answer.
        body: decoded.
    """
    if request.method != "GET":
        return None
    if status == _PARTIAL:
        fields = (*request.headers, *further)
        ranged = any(name.lower() == "range" for name, _ in fields)
        return None if ranged else "only a part was sent (206)"
    if status not in _MAYBE_EMPTY:
        return None
    if not body:
        return f"the answer is empty ({status})"
    if body[:1] in b"{[":
        return None
    return NOT_JSON if _is_foreign_page(request.accept, headers, body) else None


def _is_foreign_page(accept: str, headers: Headers, body: bytes) -> bool:
    if "json" not in accept or "html" in accept:
        return False
    beginning = body[:_BEGINNING].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not beginning.startswith(b"<"):
        return False
    kind = (headers.get("content-type") or "").lower()
    return "html" in kind or any(mark in beginning for mark in _PAGES)
