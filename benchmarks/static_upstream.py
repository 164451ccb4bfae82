"""A static upstream on loopback: OpenSea's shape, served by nginx, the same for every peer.

It never limits, never varies and is faster than any client here, so that clients are compared.
"""

import base64
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PAGE = 200
SLUG = "dxterminal"
CONTRACT = "0x41dc69132cce31fcbf6755c84538ca268520246f"
DATA = Path(__file__).parent / "data"
_ORIGIN = "http://upstream.invalid"
_MODIFIED = 1_767_225_600
_TRAITS = [f"Trait {letter}" for letter in "ABCDEFGHIJKL"]


def nginx() -> str | None:
    """The nginx program; None where it is missing."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def generate(items: int) -> Path:
    """The folder with all answers for so many NFTs; made once, from a fixed seed."""
    folder = DATA / str(items)
    if (folder / "complete").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("metadata", "pages"):
        (folder / name).mkdir(parents=True)
    chance = random.Random(items)
    for number in range(1, items + 1):
        _write(folder / "metadata" / str(number), _document(number, chance))
    for start in range(0, max(items, 1), PAGE):
        _write(folder / "pages" / str(start), _page(start, items))
    _write(folder / "collection", _collection(items))
    _write(folder / "key", {"api_key": "bench", "expires_at": "2099-01-01T00:00:00+00:00"})
    (folder / "complete").touch()
    return folder


@contextmanager
def serving(items: int) -> Iterator[str]:
    """The base URL while nginx serves the data of so many NFTs."""
    program = nginx()
    if program is None:
        message = "nginx is missing: install it (on Debian: apt install nginx-light)."
        raise SystemExit(message)
    data = generate(items)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "nginx.conf"
        config.write_text(_config(data, Path(folder), port, items))
        process = subprocess.Popen([program, "-c", str(config), "-p", folder, "-e", "stderr"])
        try:
            base_url = f"http://127.0.0.1:{port}"
            _wait(base_url)
            yield base_url
        finally:
            process.terminate()
            process.wait(10)


def served(base_url: str) -> int:
    """Requests that nginx has answered so far, this one included."""
    with urllib.request.urlopen(f"{base_url}/status", timeout=10) as answer:
        numbers = answer.read().decode().splitlines()[2].split()
    return int(numbers[2])


def _wait(base_url: str) -> None:
    for _ in range(200):
        try:
            served(base_url)
        except OSError:
            subprocess.run(["sleep", "0.02"], check=True)
        else:
            return
    message = f"nginx does not answer at {base_url}"
    raise SystemExit(message)


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value))
    os.utime(path, (_MODIFIED, _MODIFIED))


def _document(number: int, chance: random.Random) -> dict[str, object]:
    attributes: list[dict[str, object]] = [
        {"trait_type": name, "value": f"{name} value {chance.randrange(40)}"}
        for name in _TRAITS[: chance.randint(7, 11)]
    ]
    if chance.random() < 0.5:
        power = {"trait_type": "Power", "value": chance.randrange(1000), "display_type": "number"}
        attributes.append({**power, "max_value": 1000})
    return {
        "name": f"DX Terminal #{number}",
        "description": "One of many agents that trade in a terminal. " * 4,
        "image": f"https://images.invalid/{SLUG}/{number}.png",
        "external_url": f"https://terminal.invalid/agents/{number}",
        "attributes": attributes,
    }


def _page(start: int, items: int) -> dict[str, object]:
    stop = min(start + PAGE, items)
    page: dict[str, object] = {"nfts": [_listed(number) for number in range(start + 1, stop + 1)]}
    if stop < items:
        page["next"] = _cursor(stop)
    return page


def _listed(number: int) -> dict[str, object]:
    image = f"https://images.invalid/{SLUG}/{number}.png"
    return {
        "identifier": str(number),
        "collection": SLUG,
        "contract": CONTRACT,
        "token_standard": "erc721",
        "name": f"DX Terminal #{number}",
        "description": "One of many agents that trade in a terminal. " * 4,
        "image_url": image,
        "display_image_url": image,
        "display_animation_url": None,
        "metadata_url": f"{_ORIGIN}/metadata/{number}",
        "opensea_url": f"https://opensea.io/item/base/{CONTRACT}/{number}",
        "updated_at": "2026-01-01T00:00:00.000000",
        "is_disabled": False,
        "is_nsfw": False,
    }


def _collection(items: int) -> dict[str, object]:
    return {
        "collection": SLUG,
        "name": "DX Terminal",
        "description": "",
        "owner": "0x" + "a" * 40,
        "category": "pfps",
        "contracts": [{"address": CONTRACT, "chain": "base"}],
        "total_supply": items,
        "unique_item_count": items,
        "created_date": "2025-01-01",
        "safelist_status": "verified",
        "image_url": "",
        "project_url": "",
        "opensea_url": f"https://opensea.io/collection/{SLUG}",
    }


def _cursor(offset: int) -> str:
    return base64.urlsafe_b64encode(f"-pk={offset}".encode()).decode().rstrip("=")


def _config(data: Path, folder: Path, port: int, items: int) -> str:
    pages = "\n".join(f'    "{_cursor(start)}" {start};' for start in range(PAGE, items, PAGE))
    return f"""
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log stderr crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; etag on; gzip off;
  keepalive_requests 1000000; default_type application/json;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map_hash_bucket_size 128; map_hash_max_size 65536;
  map $arg_next $page {{
    default 0;
{pages}
  }}
  server {{
    listen 127.0.0.1:{port} backlog=4096; root {data};
    location = /status {{ stub_status; }}
    location = /api/v2/auth/keys {{ error_page 405 =201 /key; rewrite ^ /key break; }}
    location = /api/v2/collections/{SLUG} {{ rewrite ^ /collection break; }}
    location = /api/v2/collection/{SLUG}/nfts {{
      add_header Cache-Control no-store;
      sub_filter_types application/json; sub_filter_once off;
      sub_filter "{_ORIGIN}" "http://127.0.0.1:{port}";
      rewrite ^ /pages/$page break;
    }}
    location /metadata/ {{ add_header Cache-Control "public, max-age=3600"; }}
  }}
}}
"""
