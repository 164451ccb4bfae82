"""Serves the static upstream on loopback: nginx, or the sandbox where nginx is missing.

It never limits, never varies and, under nginx, is faster than any client here, so that clients
are compared.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from upstream_data import ORIGIN, PAGE, SLUG, cursor, generate

from entrypoints.sandbox import SandboxOptions, running_sandbox

_PATIENCE = 10.0  # seconds for a start or a stop
_CONFIG = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit; {user}
events {{ worker_connections 8192; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; etag on; gzip off;
  keepalive_requests 1000000; default_type application/json;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map_hash_bucket_size 128; map_hash_max_size 65536;
  map $arg_next $page {{
    default unknown;
    "" 0;
    {cursors}
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096; root {data};
    location = /status {{ stub_status; }}
    location = /api/v2/auth/keys {{ return 201 '{key}'; }}
    location = /api/v2/collections/{slug} {{ rewrite ^ /collection break; }}
    location = /api/v2/collection/{slug}/nfts {{
      add_header Cache-Control no-store;
      sub_filter_types application/json; sub_filter_once off;
      sub_filter "{origin}" "http://127.0.0.1:{port}";
      rewrite ^ /pages/$page break;
    }}
    location /metadata/ {{ add_header Cache-Control "public, max-age=3600"; }}
    location /again/ {{
      add_header Cache-Control "public, max-age=3600";
      rewrite ^/again/[0-9]+(/metadata/[0-9]+)$ $1 break;
    }}
  }}
}}
"""
_KEY = json.dumps(
    {
        "api_key": "bench",
        "expires_at": "2099-01-01T00:00:00+00:00",
        "rate_limits": {"read": "1000000/h"},  # 366,000 NFTs are more pages than 600 an hour
    }
)


@dataclass(frozen=True)
class Upstream:
    """A running upstream.

    Attributes:
        name: the server, for the report.
        requests: how many it has answered, the questions of this function left out.
        regular: every NFT has a readable document, which holds for nginx alone.
    """

    name: str
    base_url: str
    requests: Callable[[], int]
    regular: bool


@contextmanager
def serving(items: int, *, sandbox: bool = False) -> Iterator[Upstream]:
    """An upstream of so many NFTs, until the block ends; the sandbox if asked for or needed."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if sandbox or program is None:
        with running_sandbox(SandboxOptions(items=items)) as base_url:
            yield Upstream("the sandbox", base_url, _sandbox_counter(base_url), regular=False)
        return
    data = generate(items)
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        config = Path(folder) / "nginx.conf"
        config.write_text(_config(data, Path(folder), port, items))
        process = subprocess.Popen([program, "-c", str(config), "-p", folder, "-e", "stderr"])
        try:
            base_url = f"http://127.0.0.1:{port}"
            _wait(base_url, process)
            yield Upstream(_version(program), base_url, _nginx_counter(base_url), regular=True)
        finally:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _config(data: Path, folder: Path, port: int, items: int) -> str:
    return _CONFIG.format(
        data=data.resolve(),
        folder=folder,
        port=port,
        slug=SLUG,
        origin=ORIGIN,
        key=_KEY,
        cursors="\n    ".join(f'"{cursor(start)}" {start};' for start in range(PAGE, items, PAGE)),
        # A worker that root starts is nobody otherwise, and nobody may not read a home folder.
        user="user root;" if os.geteuid() == 0 else "",
    )


def _nginx_counter(base_url: str) -> Callable[[], int]:
    """Reads stub_status, whose third line is "accepts handled requests"."""
    asked = 0

    def count() -> int:
        nonlocal asked
        asked += 1
        return int(_get(f"{base_url}/status").splitlines()[2].split()[2]) - asked

    return count


def _sandbox_counter(base_url: str) -> Callable[[], int]:
    """Adds up the sandbox's counts by first path segment; those by status are the same again."""

    def count() -> int:
        stats: dict[str, int] = json.loads(_get(f"{base_url}/sandbox/stats"))
        return sum(number for kind, number in stats.items() if not kind.isdecimal())

    return count


def _wait(base_url: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            _get(f"{base_url}/status")
        except OSError:
            time.sleep(0.02)
        else:
            return
    message = f"nginx does not answer at {base_url}; its words stand above."
    raise SystemExit(message)


def _version(program: str) -> str:
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr
    return "nginx " + said.strip().rpartition("/")[2]


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:
        text: str = answer.read().decode()
    return text


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port
