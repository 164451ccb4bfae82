"""Stands between a client and an S3, and breaks what it is told to."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

type Fault = Callable[[str, str], str]
"""From method and path to what happens: "" nothing; "lost" the store acts and no answer comes;
"refused" nothing reaches the store; "cut" half of the answer's body; "flipped" a byte of it;
"503 after" the store acts and the answer denies it; a status alone: the store is not asked."""

_ERROR = b"<Error><Code>%s</Code><Message>as told</Message></Error>"
_CODES = {403: b"AccessDenied", 500: b"InternalError", 503: b"SlowDown"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        proxy: Any = self.server
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        fault = proxy.fault(self.command, self.path)
        proxy.asked.append((self.command, self.path, fault))
        if fault == "refused":
            self.close_connection = True
        elif fault.isdecimal():
            self._answer(int(fault), _ERROR % _CODES.get(int(fault), b"Whatever"), {})
        else:
            self._forward(proxy.upstream, body, fault)

    def _forward(self, upstream: str, body: bytes, fault: str) -> None:
        connection = http.client.HTTPConnection(upstream, timeout=30)
        try:
            headers = dict(self.headers.items())
            connection.request(self.command, self.path, body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if fault == "lost":
            self.close_connection = True
            return
        if fault == "503 after":
            self._answer(503, _ERROR % _CODES[503], {})
            return
        kept = {
            name: value
            for name, value in answer.getheaders()
            if name.lower() not in {"content-length", "connection", "transfer-encoding", "date"}
        }
        if fault == "flipped":
            content = bytes([content[0] ^ 1]) + content[1:]
        length = int(answer.headers.get("content-length") or len(content))
        self._answer(answer.status, content, kept, cut=fault == "cut", length=length)

    def _answer(
        self,
        status: int,
        content: bytes,
        headers: dict[str, str],
        *,
        cut: bool = False,
        length: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)
        self.close_connection = self.close_connection or cut

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _handle  # noqa: N815  # http.server's names

    def log_message(self, *_: Any) -> None:
        """Nothing is said."""


class S3Proxy(ThreadingHTTPServer):
    """Forwards to an endpoint.

    Attributes:
        fault: decides for each request.
        asked: method, path and fault of each.
    """

    daemon_threads = True

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(endpoint).netloc
        self.fault: Fault = lambda method, path: ""
        self.asked: list[tuple[str, str, str]] = []

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def running_proxy(endpoint: str) -> Iterator[S3Proxy]:
    with S3Proxy(endpoint) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


def first(wanted: str, path: str, fault: str, times: int = 1) -> Fault:
    """A fault of the first requests of a method whose path holds a text."""
    left = [times]

    def decide(method: str, where: str) -> str:
        if method == wanted and path in where and left[0]:
            left[0] -= 1
            return fault
        return ""

    return decide
