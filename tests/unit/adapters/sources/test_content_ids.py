"""A gateway's bytes are held against the CID that names them."""

import base64
import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.nft.content_ids import matches

CONTENT = b'{"name": "One"}'
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def _number(data: bytes, alphabet: str) -> str:
    number, digits = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, len(alphabet))
        digits = alphabet[digit] + digits
    return digits


def _cids(content: bytes, codec: bytes = b"\x55") -> list[str]:
    data = b"\x01" + codec + b"\x12\x20" + hashlib.sha256(content).digest()
    base32 = base64.b32encode(data).decode().rstrip("=")
    return [
        "b" + base32.lower(),
        "B" + base32,
        "f" + data.hex(),
        "F" + data.hex().upper(),
        "z" + _number(data, BASE58),
        "k" + _number(data, BASE36),
        "K" + _number(data, BASE36).upper(),
    ]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_f042_content_is_told_from_other_bytes(content: bytes, other: bytes) -> None:
    """In every base that a CID is written in."""
    for cid in _cids(content):
        assert matches(cid, content) is True
        assert matches(cid, other) is (content == other)


def test_f042_a_known_cid() -> None:
    """The empty file, as every IPFS node names it."""
    assert matches("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku", b"")


@pytest.mark.parametrize(
    "cid",
    [
        "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
        *_cids(CONTENT, codec=b"\x70"),
        *_cids(CONTENT, codec=b"\x71"),
        "bafy",
        "b!!!",
        "f0",
        "z0OIl",
        "k-",
        "",
        "x",
    ],
)
def test_f042_what_bytes_alone_cannot_tell_is_left_open(cid: str) -> None:
    """Folders, files in several blocks, version 0, and what is no CID."""
    assert matches(cid, CONTENT) is None
