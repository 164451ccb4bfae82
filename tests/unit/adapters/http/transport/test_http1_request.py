import httpx
import pytest

from adapters.http.transport.connection import RequestHead
from adapters.http.transport.http1_request import http1_request


def head(**changes: object) -> RequestHead:
    parts: dict[str, object] = {
        "method": b"GET",
        "scheme": b"http",
        "authority": b"a.test:81",
        "target": b"/x?y=1",
        "headers": [(b"accept", b"*/*"), (b"if-none-match", b'"1"')],
    }
    return RequestHead(**(parts | changes))  # type: ignore[arg-type]  # the test's own mixture


def test_a_request_is_one_piece_of_bytes() -> None:
    """RFC 9112 section 3: start line, Host first, the fields, an empty line."""
    assert http1_request(head()) == (
        b'GET /x?y=1 HTTP/1.1\r\nHost: a.test:81\r\nAccept: */*\r\nIf-None-Match: "1"\r\n\r\n'
    )


def test_a_body_follows_its_head() -> None:
    """Its length is among the fields already."""
    fields = [(b"content-length", b"2")]
    data = http1_request(head(method=b"POST", headers=fields, body=b"{}"))
    assert data.endswith(b"Content-Length: 2\r\n\r\n{}")


@pytest.mark.parametrize(
    "change",
    [
        {"headers": [(b"a", b"b\r\nc: d")]},
        {"headers": [(b"a", b"b\nc")]},
        {"headers": [(b"a", b"b\rc")]},
        {"headers": [(b"a", b"b\0c")]},
        {"headers": [(b"a b", b"c")]},
        {"headers": [(b"a:", b"c")]},
        {"headers": [(b"", b"c")]},
        {"target": b"/x HTTP/1.1\r\nA: b"},
        {"target": b"/x y"},
        {"method": b"GET /"},
        {"authority": b"a.test\r\nX: y"},
    ],
    ids=str,
)
def test_nothing_can_be_smuggled_into_a_head(change: dict[str, object]) -> None:
    """Line breaks, NUL and names that are no tokens are refused before a byte is sent."""
    with pytest.raises(httpx.LocalProtocolError):
        http1_request(head(**change))
