"""All collections of a sandbox, by slug."""

from functools import cache

from entrypoints.sandbox.nft_items import NftItem
from entrypoints.sandbox.odd_collections import COLLECTIONS
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.terminal_agents import terminal_agents

DXTERMINAL = "dxterminal"


def collection_items(options: SandboxOptions, slug: str) -> list[NftItem] | None:
    """The NFTs of a collection in the order of its list; None for an unknown slug."""
    if slug == DXTERMINAL:
        return terminal_agents(options.items, options.seed)
    return _odd(slug) if slug in COLLECTIONS else None


@cache
def _odd(slug: str) -> list[NftItem]:
    return COLLECTIONS[slug]()
