"""nginx on loopback: one document of 1.2 kB at any address, over HTTP/1.1, TLS and HTTP/2."""

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

_PATIENCE = 10.0  # seconds for a start or a stop
_SIZE = 1_200  # bytes
_CONFIG = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit; {user}
events {{ worker_connections 8192; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; etag on; gzip off;
  keepalive_requests 1000000; default_type application/json; http2_max_concurrent_streams 256;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  ssl_certificate {folder}/chain.pem; ssl_certificate_key {folder}/key.pem;
  root {folder};
  add_header Cache-Control "public, max-age=3600";
  server {{ listen 127.0.0.1:{http} backlog=4096; location / {{ rewrite ^ /document break; }} }}
  server {{ listen 127.0.0.1:{tls} ssl backlog=4096; location / {{ rewrite ^ /document break; }} }}
  server {{ listen 127.0.0.1:{h2} ssl http2 backlog=4096;
            location / {{ rewrite ^ /document break; }} }}
}}
"""


@dataclass(frozen=True)
class Upstream:
    """Base URLs by protocol ("http", "tls", "h2"), and the authority that signed for TLS."""

    urls: dict[str, str]
    authority: Path


@contextmanager
def serving() -> Iterator[Upstream]:
    """The upstream, until the block ends; SystemExit where nginx is missing."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        message = "nginx is missing; this comparison needs an upstream that is faster than clients."
        raise SystemExit(message)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ports = dict(zip(("http", "tls", "h2"), _free_ports(3), strict=True))
        authority = trustme.CA()
        leaf = authority.issue_cert("localhost", "127.0.0.1")
        leaf.private_key_pem.write_to_path(folder / "key.pem")
        for blob in leaf.cert_chain_pems:
            blob.write_to_path(folder / "chain.pem", append=True)
        authority.cert_pem.write_to_path(folder / "authority.pem")
        (folder / "document").write_bytes(b'{"name": "' + b"x" * (_SIZE - 12) + b'"}')
        # A worker that root starts is nobody otherwise, and nobody may not read the folder.
        user = "user root;" if os.geteuid() == 0 else ""
        config = folder / "nginx.conf"
        config.write_text(_CONFIG.format(folder=folder, user=user, **ports))
        process = subprocess.Popen([program, "-c", config, "-p", folder, "-e", "stderr"])
        try:
            _wait(ports["h2"], folder / "authority.pem", process)
            urls = {
                kind: f"{'http' if kind == 'http' else 'https'}://localhost:{port}"
                for kind, port in ports.items()
            }
            yield Upstream(urls, folder / "authority.pem")
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _free_ports(number: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _wait(port: int, authority: Path, process: subprocess.Popen[bytes]) -> None:
    context = ssl.create_default_context(cafile=authority)
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            with (
                socket.create_connection(("127.0.0.1", port), 1.0) as plain,
                context.wrap_socket(plain, server_hostname="localhost"),
            ):
                return
        except OSError:
            time.sleep(0.02)
    message = "nginx does not answer; its words stand above."
    raise SystemExit(message)
