"""An HTTP/1.1 server on loopback, in threads, that keeps all it receives."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

type Answer = tuple[int, Mapping[str, str], bytes]
type Answers = Callable[[str, str], Answer]
"""Path and received head to status, fields and body."""


class RecordingServer:
    """`received` holds the head of each request, in order of arrival."""

    def __init__(self, answers: Answers) -> None:
        self.received: list[str] = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                received = f"{self.requestline}\n{self.headers}"
                recorder.received.append(received)
                status, fields, body = answers(self.path, received)
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **fields}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - the base class looks for this name

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(each.split(" ")[1].partition("?")[0] == path for each in self.received)


@contextmanager
def recording_server(answers: Answers) -> Iterator[RecordingServer]:
    recorder = RecordingServer(answers)
    thread = Thread(target=recorder.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        recorder.server.shutdown()
        recorder.server.server_close()
        thread.join()
