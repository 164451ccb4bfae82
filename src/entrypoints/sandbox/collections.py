"""All collections of a sandbox, by slug."""

from collections.abc import Sequence
from functools import cache

from entrypoints.sandbox.nft_items import NftItem
from entrypoints.sandbox.odd_collections import COLLECTIONS
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.terminal_agents import CHAIN, CONTRACT, terminal_agents

DXTERMINAL = "dxterminal"
COLLECTION_NAMES = tuple(COLLECTIONS)
"""All but DXTERMINAL."""


def collection_items(options: SandboxOptions, slug: str) -> Sequence[NftItem] | None:
    """The NFTs of a collection in the order of its list; None for an unknown slug."""
    if slug == DXTERMINAL:
        return terminal_agents(options.items, options.seed)
    return _odd(slug) if slug in COLLECTIONS else None


def collection_contracts(slug: str) -> list[tuple[str, str]]:
    """Address and chain of each contract of a known collection."""
    if slug == DXTERMINAL:
        return [(CONTRACT, CHAIN)]
    return list(dict.fromkeys((item.contract, item.chain) for item in _odd(slug)))


@cache
def _odd(slug: str) -> list[NftItem]:
    return COLLECTIONS[slug]()
