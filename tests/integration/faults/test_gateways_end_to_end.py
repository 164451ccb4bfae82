"""IPFS gateways that deliver something else, and what is kept of it."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.app_process import AppProcess
from tests.support.recording_server import Answer, Answers, recording_server

DOCUMENT = b'{"name": "Named by its content"}'
FORGED = b'{"name": "Forged"}'
PAGE = b"<html>Just a moment</html>"


def _cid(content: bytes) -> str:
    """Version 1, codec `raw`, SHA-256."""
    digest = b"\x01\x55\x12\x20" + hashlib.sha256(content).digest()
    return "b" + base64.b32encode(digest).decode().lower().rstrip("=")


def _gateway(body: bytes, **fields: str) -> Answers:
    return lambda _path, _received: (200, {"Cache-Control": "max-age=3600", **fields}, body)


def _api(path: str, _received: str) -> Answer:
    nft = {"identifier": "1", "contract": "0xaa", "metadata_url": f"ipfs://{_cid(DOCUMENT)}"}
    listed: dict[str, Any] = {"nfts": [nft]}
    return 200, {}, json.dumps(listed if path.count("/nfts") else {"collection": "things"}).encode()


@pytest.mark.parametrize(
    ("wrong", "fields"), [(FORGED, {}), (PAGE, {"Vary": "Accept"}), (FORGED, {"Vary": "Accept"})]
)
def test_f042_good_bytes_take_the_place_of_forged_ones(
    tmp_path: Path, wrong: bytes, fields: dict[str, str]
) -> None:
    """The next run asks no gateway at all."""
    with (
        recording_server(_gateway(wrong, **fields)) as lying,
        recording_server(_gateway(DOCUMENT)) as honest,
        recording_server(_api) as source,
    ):
        app = AppProcess(tmp_path, source.url)
        asked = []
        for _ in range(2):
            app.ingest("things", "-p", f"ipfs_gateways={lying.url},{honest.url}")
            asked.append((len(lying.received), len(honest.received)))
            rows = app.rows("select name, metadata_status from nfts")
            assert rows == [{"name": "Named by its content", "metadata_status": "ok"}]

    assert asked[0] == asked[1]
    assert asked[0][0] >= asked[0][1] == 1
