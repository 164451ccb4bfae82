"""What `app ingest nft … -p name=value` can say."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from domain.errors import UsageError
from domain.options import LIMIT
from domain.sources import Options, Parameter

_GATEWAYS = "https://ipfs.io,https://dweb.link,https://gateway.pinata.cloud"

PARAMETERS = (
    Parameter(
        "metadata",
        "`auto` asks for the metadata document of each NFT; `skip` reads the list alone",
        "auto",
    ),
    Parameter(
        "ipfs_gateways",
        "comma list of IPFS gateways, tried in this order",
        _GATEWAYS,
    ),
)


@dataclass(frozen=True, slots=True)
class NftOptions:
    """The options of one walk, as every page request carries them.

    Attributes:
        metadata: whether documents are asked for.
        gateways: origins, at least one.
        limit: most NFTs; None for all.
    """

    metadata: bool
    gateways: tuple[str, ...]
    limit: int | None

    @classmethod
    def read(cls, options: Options) -> Self:
        """Check what was given.

        Raises:
            UsageError: says which parameter is wrong and what it may be.
        """
        metadata = options.get("metadata", "auto")
        if metadata not in ("auto", "skip"):
            message = f"metadata={metadata[:60]!r} is unknown: use auto or skip."
            raise UsageError(message)
        listed = options.get("ipfs_gateways", _GATEWAYS).split(",")
        gateways = tuple(_gateway(each.strip()) for each in listed if each.strip())
        if not gateways:
            message = "ipfs_gateways is empty: name at least one, such as https://ipfs.io."
            raise UsageError(message)
        limit = int(options[LIMIT]) if LIMIT in options else None
        return cls(metadata == "auto", tuple(dict.fromkeys(gateways)), limit)

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """The options that `to_context` wrote."""
        return cls(context["metadata"], tuple(context["gateways"]), context["limit"])

    def to_context(self) -> dict[str, Any]:
        """The options as JSON values."""
        return {**asdict(self), "gateways": list(self.gateways)}


def _gateway(given: str) -> str:
    url = given if "://" in given else f"https://{given}"
    url = url.rstrip("/").removesuffix("/ipfs")
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fits = False
    if not fits or parts.query or parts.fragment or parts.username is not None:
        message = f"{given[:60]!a} is not an IPFS gateway: use an address as https://ipfs.io."
        raise UsageError(message)
    return url
