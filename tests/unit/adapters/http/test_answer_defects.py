"""Answers with a status of success that are not what was asked for."""

import pytest

from adapters.http.answer_defects import NOT_JSON, answer_defect
from domain.headers import Headers
from domain.requests import Request

JSON = "application/json"
HTML = Headers((("content-type", "text/html; charset=utf-8"),))
NONE = Headers()


def ask(
    accept: str = JSON, method: str = "GET", headers: tuple[tuple[str, str], ...] = ()
) -> Request:
    return Request(kind="page", url="/x", accept=accept, method=method, headers=headers)


@pytest.mark.parametrize(
    ("accept", "headers", "body", "expected"),
    [
        (JSON, HTML, b"<!DOCTYPE html><title>Just a moment...", NOT_JSON),
        (JSON, HTML, b"\xef\xbb\xbf \n<div>", NOT_JSON),
        (JSON, NONE, b"  <HTML><body>", NOT_JSON),
        ("application/json, */*;q=0.1", HTML, b"<html>", NOT_JSON),
        (JSON, HTML, b'{"labelled": "as a page"}', None),
        (JSON, HTML, b"  [1]", None),
        (JSON, HTML, b"Not found", None),
        (JSON, Headers((("content-type", "image/svg+xml"),)), b"<svg xmlns='x'/>", None),
        ("text/html, application/json", HTML, b"<html>", None),
        ("*/*", HTML, b"<html>", None),
        ("image/png", HTML, b"<html>", None),
    ],
)
def test_f060_a_web_page_where_data_was_asked_for(
    accept: str, headers: Headers, body: bytes, expected: str | None
) -> None:
    """Told by its body; a label alone condemns nothing."""
    assert answer_defect(ask(accept), (), 200, headers, body) == expected


@pytest.mark.parametrize(
    ("request_", "status", "body", "expected"),
    [
        (ask(), 200, b"", "the answer is empty (200)"),
        (ask(), 204, b"", "the answer is empty (204)"),
        (ask(), 206, b"part", "only a part was sent (206)"),
        (ask(headers=(("Range", "bytes=0-3"),)), 206, b"part", None),
        (ask(method="POST"), 204, b"", None),
        (ask(method="HEAD"), 200, b"", None),
        (ask(), 304, b"", None),
        (ask(), 404, b"", None),
        (ask(), 200, b"{}", None),
    ],
)
def test_f062_nothing_or_a_part_in_place_of_the_whole(
    request_: Request, status: int, body: bytes, expected: str | None
) -> None:
    """Only where a GET asked for the whole; other statuses speak for themselves."""
    assert answer_defect(request_, (), status, NONE, body) == expected


def test_f062_a_range_that_a_layer_above_added_counts() -> None:
    """Its part is what was asked for."""
    assert answer_defect(ask(), (("range", "bytes=0-3"),), 206, NONE, b"part") is None
