"""Where a metadata document lies: the addresses that NFTs carry, made askable."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from adapters.sources.nft.ipfs_gateways import gateway_url, ipfs_identity, speaks_for_content
from domain.errors import ParseError

MAX_URL = 2048
ARWEAVE = "https://arweave.net"
_ON_ARWEAVE = f"{ARWEAVE}/"
_CID = (
    r"Qm[1-9A-HJ-NP-Za-km-z]{44}"  # version 0
    r"|b[a-z2-7]{45,128}|B[A-Z2-7]{45,128}|z[1-9A-HJ-NP-Za-km-z]{40,128}"  # version 1, multibase
    r"|k[0-9a-z]{45,128}|K[0-9A-Z]{45,128}|f[0-9a-f]{64,160}|F[0-9A-F]{64,160}"
)
_CASELESS = frozenset("BKF")
_IPFS = re.compile(rf"(?i:ipfs:/*(?:ipfs/+)*)({_CID})((?:[/?#].*)?)")
_PORT = r"(?::(?:[1-9][0-9]{1,3}|[1-5][0-9]{4}))?"
_WEB = re.compile(rf"https?://([A-Za-z0-9.-]+){_PORT}(?![^/?#])([^?#]*)", re.IGNORECASE | re.ASCII)
_PLAIN = re.compile(rf"https?://[a-z0-9.-]+{_PORT}(?:[/?][A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?")
_GATEWAY_PATH = re.compile(rf"/ipfs/({_CID})((?:/.*)?)")
_GATEWAY_HOST = re.compile(rf"({_CID})\.ipfs\.[a-z0-9.-]+")
_ARWEAVE_URI = re.compile(r"(?i:ar:/*)([A-Za-z0-9_-]{43})((?:[/?#].*)?)")
_ARWEAVE_PATH = re.compile(r"/([A-Za-z0-9_-]{43})((?:/.*)?)")
_FORBIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\\\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_TEMPLATE = re.compile(r"\{id\}|%7bid%7d", re.IGNORECASE)
_TOKEN_ID = re.compile(r"[0-9]{1,78}", re.ASCII)


class Address(NamedTuple):
    """A document that can be asked for.

    Attributes:
        url: http or https.
        identity: `ipfs://CID/path` or `ar://TXID/path` where the address names the content
            and its host is trusted to deliver that content alone.
        ipfs_path: `CID/path`, which other gateways have too.
    """

    url: str
    identity: str | None = None
    ipfs_path: str | None = None


def resolve(uri: str, token_id: str, gateways: Sequence[str]) -> Address:
    """Make an NFT's `metadata_url` askable.

    The ERC-1155 placeholder `{id}` is filled with the token id as 64 hex digits
    (https://eips.ethereum.org/EIPS/eip-1155#metadata) before anything is checked.

    Args:
        uri: http, https, `ipfs:` or `ar:`.
        token_id: decimal digits.
        gateways: origins of IPFS gateways; the first one is used where `uri` names none.

    Raises:
        ParseError: anything that must not be asked for; the reason says why in a few words.
    """
    return Address(uri) if is_plain(uri) else other_address(uri, token_id, gateways)


def other_address(uri: str, token_id: str, gateways: Sequence[str]) -> Address:
    """The same where the address is not plain."""
    if len(uri) <= MAX_URL:
        uri = _fill(uri.strip(), token_id).replace(" ", "%20")
    if len(uri) > MAX_URL:
        raise ParseError(_TOO_LONG)
    if _FORBIDDEN.search(uri):
        message = "an address with control characters"
        raise ParseError(message)
    address = _address(uri, gateways)
    if len(address.url) > MAX_URL:
        raise ParseError(_TOO_LONG)
    return address


_TOO_LONG = f"an address longer than {MAX_URL} characters"


def is_plain(uri: str) -> bool:
    """An address of the web that stays as it is and names no content, as most are."""
    if len(uri) > MAX_URL:
        return False
    folder, _, name = uri.rpartition("/")
    if name.isdecimal() and name.isascii() and _has_plain_numbers(folder):
        return True
    return _is_plain(uri)


@lru_cache(maxsize=64)
def _has_plain_numbers(folder: str) -> bool:
    """Mostly the addresses of a collection differ in a number at their ends."""
    return _is_plain(f"{folder}/0")


def _is_plain(uri: str) -> bool:
    return (
        _PLAIN.fullmatch(uri) is not None and "ipfs" not in uri and not uri.startswith(_ON_ARWEAVE)
    )


def _address(uri: str, gateways: Sequence[str]) -> Address:
    scheme, colon, _ = uri.partition(":")
    match scheme.lower():
        case "http" | "https" if colon:
            return _on_the_web(uri, gateways)
        case "ipfs" if match := _IPFS.fullmatch(uri):
            path = _content_path(_cid(match[1]), match[2].partition("?")[0])
            return Address(gateway_url(gateways[0], path), ipfs_identity(path), path)
        case "ar" if match := _ARWEAVE_URI.fullmatch(uri):
            path = _content_path(match[1], match[2].partition("?")[0])
            return Address(f"{ARWEAVE}/{path}", f"ar://{path}")
    raise ParseError("an address of another kind" if colon else "a relative address")


def _fill(uri: str, token_id: str) -> str:
    if not _TEMPLATE.search(uri):
        return uri
    if not _TOKEN_ID.fullmatch(token_id) or (number := int(token_id)) >= 1 << 256:
        message = "an address with {id} for an NFT without a number"
        raise ParseError(message)
    return _TEMPLATE.sub(f"{number:064x}", uri)


def _on_the_web(url: str, gateways: Sequence[str]) -> Address:
    if match := _WEB.match(url):
        host, path = match[1].lower(), match[2]
    else:
        host, path = _unusual(url)
    url = url.partition("#")[0]
    if found := _GATEWAY_PATH.fullmatch(path):
        content = _content_path(_cid(found[1]), found[2])
        return Address(url, _identity(url, host, content, gateways), content)
    if found := _GATEWAY_HOST.fullmatch(host):
        content = _content_path(found[1], path)
        return Address(url, _identity(url, host, content, gateways), content)
    if url.startswith(_ON_ARWEAVE) and (found := _ARWEAVE_PATH.fullmatch(path)):
        return Address(url, f"ar://{_content_path(found[1], found[2])}")
    return Address(url)


def _identity(url: str, host: str, path: str, gateways: Sequence[str]) -> str | None:
    return ipfs_identity(path) if speaks_for_content(url, host, gateways) else None


def _unusual(url: str) -> tuple[str, str]:
    """Host and path of an address with a port, a user, brackets or other letters."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError as exc:
        message = "a malformed address"
        raise ParseError(message) from exc
    if not host:
        message = "an address without a host"
        raise ParseError(message)
    return host, parts.path


def _cid(text: str) -> str:
    """A CID in one spelling: some of its encodings come in capitals too."""
    return text.lower() if text[0] in _CASELESS else text


def _content_path(root: str, path: str) -> str:
    """`CID/path` in one spelling, whatever the address made of it."""
    segments = [_unquoted(segment) for segment in path.split("/") if segment not in ("", ".")]
    if any(segment == ".." or "/" in segment for segment in segments):
        message = "an address that leaves its folder"
        raise ParseError(message)
    return "/".join([root, *map(_quoted, segments)])


def _unquoted(segment: str) -> str:
    return unquote(segment, errors="surrogateescape")


def _quoted(segment: str) -> str:
    return quote(segment, safe="!$&'()*+,;=:@~", errors="surrogateescape")
