"""Whether bytes are what a CID names (https://github.com/multiformats/cid)."""

import base64
import binascii
import hashlib

_RAW_SHA256 = b"\x01\x55\x12\x20"  # version 1, codec raw, sha2-256, 32 bytes
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
_LENGTH = len(_RAW_SHA256) + 32


def matches(cid: str, content: bytes) -> bool | None:
    """Whether the content has the CID's hash.

    Args:
        cid: of any version and base.
        content: all of it.

    Returns:
        None where bytes alone cannot tell: version 0, folders, files in several blocks, other
        hash functions.
    """
    decoded = _decoded(cid)
    if len(decoded) != _LENGTH or not decoded.startswith(_RAW_SHA256):
        return None
    return hashlib.sha256(content).digest() == decoded[len(_RAW_SHA256) :]


def _decoded(cid: str) -> bytes:
    """The bytes of a CID of version 1 by its multibase prefix; b"" for all else."""
    prefix, digits = cid[:1], cid[1:]
    try:
        match prefix:
            case "b" | "B":
                return base64.b32decode(digits.upper() + "=" * (-len(digits) % 8))
            case "f" | "F":
                return binascii.unhexlify(digits)
            case "z":
                return _number_bytes(digits, _BASE58)
            case "k" | "K":
                return _number_bytes(digits.lower(), _BASE36)
    except ValueError:
        pass
    return b""


def _number_bytes(digits: str, alphabet: str) -> bytes:
    """Digits of one long number; ValueError for a foreign one."""
    number = 0
    for digit in digits:
        number = number * len(alphabet) + alphabet.index(digit)
    return number.to_bytes((number.bit_length() + 7) // 8)
