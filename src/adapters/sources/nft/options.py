"""What `app ingest nft … -p name=value` can say."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from domain.errors import UsageError
from domain.options import LIMIT
from domain.sources import Options, Parameter

_GATEWAYS = "https://ipfs.io,https://dweb.link,https://gateway.pinata.cloud"

_LADDER = ("auto", "list", "batch", "metadata")
_RESCUE = "200"
_COUNT = re.compile(r"[0-9]{1,6}", re.ASCII)

PARAMETERS = (
    Parameter(
        "traits",
        "where traits come from: `list` asks nothing more; `metadata` asks for the document of "
        "each NFT; "
        "`batch` asks OpenSea for 200 NFTs at a time, then for the documents that are missing; "
        "`auto` is `metadata`, and for dead hosts asks OpenSea (see `rescue`)",
        "auto",
    ),
    Parameter(
        "rescue",
        "most requests to OpenSea for NFTs whose metadata host is dead; they count against its "
        "quota",
        _RESCUE,
    ),
    Parameter(
        "metadata",
        "`skip` reads the list alone, which is what `traits=list` says too",
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
        traits: the rungs that are climbed: `auto`, `list`, `batch` or `metadata`.
        gateways: origins, at least one.
        limit: most NFTs; None for all.
        rescue: most requests about NFTs whose metadata host is dead; 0 for none.
    """

    traits: str
    gateways: tuple[str, ...]
    limit: int | None
    rescue: int = 0

    @classmethod
    def read(cls, options: Options) -> Self:
        """Check what was given.

        Raises:
            UsageError: says which parameter is wrong and what it may be.
        """
        traits = _traits(options)
        rescue = options.get("rescue", _RESCUE)
        if not _COUNT.fullmatch(rescue):
            message = f"rescue={rescue[:60]!r} is not a number of requests, as 200; 0 for none."
            raise UsageError(message)
        listed = options.get("ipfs_gateways", _GATEWAYS).split(",")
        gateways = tuple(_gateway(each.strip()) for each in listed if each.strip())
        if not gateways:
            message = "ipfs_gateways is empty: name at least one, such as https://ipfs.io."
            raise UsageError(message)
        limit = int(options[LIMIT]) if LIMIT in options else None
        dead = int(rescue) if traits in ("auto", "batch") else 0
        return cls(traits, tuple(dict.fromkeys(gateways)), limit, dead)

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """The options that `to_context` wrote."""
        return cls(
            context["traits"], tuple(context["gateways"]), context["limit"], context["rescue"]
        )

    def to_context(self) -> dict[str, Any]:
        """The options as JSON values."""
        return {**asdict(self), "gateways": list(self.gateways)}


def _traits(options: Options) -> str:
    traits, metadata = options.get("traits", "auto"), options.get("metadata", "auto")
    if traits not in _LADDER:
        message = f"traits={traits[:60]!r} is unknown: use {', '.join(_LADDER)}."
        raise UsageError(message)
    if metadata not in ("auto", "skip"):
        message = f"metadata={metadata[:60]!r} is unknown: use auto or skip."
        raise UsageError(message)
    if metadata == "auto":
        return traits
    if traits not in ("auto", "list"):
        message = f"metadata=skip and traits={traits} contradict each other: leave one out."
        raise UsageError(message)
    return "list"


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
