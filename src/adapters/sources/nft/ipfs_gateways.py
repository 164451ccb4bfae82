"""IPFS gateways: who delivers the content that a CID names."""

from collections.abc import Sequence

_GATEWAYS = frozenset(
    {
        *("ipfs.io", "dweb.link", "gateway.ipfs.io", "gateway.pinata.cloud", "w3s.link"),
        *("nftstorage.link", "cloudflare-ipfs.com", "cf-ipfs.com", "4everland.io"),
    }
)
_GATEWAY_DOMAINS = (".mypinata.cloud", ".4everland.io", ".infura-ipfs.io")


def ipfs_identity(path: str) -> str:
    """The name of `CID/path`, whoever delivers it."""
    return f"ipfs://{path}"


def gateway_url(gateway: str, path: str) -> str:
    """Where a gateway keeps `CID/path`."""
    return f"{gateway}/ipfs/{path}"


def other_gateways(url: str, gateways: Sequence[str]) -> list[str]:
    """The gateways that are left when the one of `url` has been asked."""
    return [gateway for gateway in gateways if not url.startswith(f"{gateway}/")]


def speaks_for_content(url: str, host: str, gateways: Sequence[str]) -> bool:
    """Whether what an address answers may be kept as the content of its CID.

    Anyone can put a CID into an address of their own, so only known gateways and those
    that were chosen for the run are trusted.
    """
    parent = host.partition(".ipfs.")[2] or host
    if parent in _GATEWAYS or parent.endswith(_GATEWAY_DOMAINS):
        return url[:8].lower() == "https://"
    return any(url.startswith(f"{gateway}/") for gateway in gateways)
