"""Runs the sandbox under uvicorn, on the loopback address."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from entrypoints.sandbox.asgi_app import SandboxApp
from entrypoints.sandbox.options import SandboxOptions

_HOST = "127.0.0.1"
_PATIENCE = 10.0  # seconds for a start or a stop


def create_app(options: SandboxOptions) -> SandboxApp:
    """The ASGI application."""
    return SandboxApp(options)


def serve(options: SandboxOptions, host: str = _HOST, port: int = 0) -> None:
    """Serve until interrupted; OSError when the port is taken."""
    with _listening(host, port) as listener:
        _server(options).run(sockets=[listener])


@contextmanager
def running_sandbox(options: SandboxOptions, port: int = 0) -> Generator[str]:
    """Serve from a thread, on a free port if none is named; gives the base URL."""
    with _listening(_HOST, port) as listener:
        server = _server(options)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True
        )
        thread.start()
        try:
            yield f"http://{_HOST}:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_PATIENCE)


@contextmanager
def _listening(host: str, port: int) -> Generator[socket.socket]:
    """Bound and listening before the server runs: a client may connect at once."""
    with socket.create_server((host, port), backlog=1024) as listener:
        yield listener


def _server(options: SandboxOptions) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            create_app(options),
            http="httptools",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,
        )
    )
