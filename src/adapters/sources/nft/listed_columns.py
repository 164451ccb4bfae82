"""The columns of `nfts` that a list answer has (Nft), of all its NFTs at once.

One look at the types of a column tells mostly that its values stay as they are.
"""

from collections.abc import Sequence
from itertools import repeat
from types import NoneType
from typing import Any

from adapters.sources.json_documents import flag, text
from adapters.sources.nft.chains import Chains
from adapters.sources.nft.nft_records import LONGEST_LINK, Listed, link

_TEXTS = {str, NoneType}
_FLAGS = {bool, NoneType}
_NONE = {NoneType}
_ALL_TEXT = {str}


def listed_columns(
    nfts: Sequence[dict[str, Any]], slug: str, chains: Chains, uris: Sequence[str | None]
) -> Sequence[Listed]:
    """Those of each NFT.

    Args:
        nfts: members of the answer.
        slug: of the collection, where an NFT does not name it.
        chains: of its contracts.
        uris: where the metadata documents of the NFTs lie.
    """
    pages = _links(named(nfts, "opensea_url"))
    contracts = texts(named(nfts, "contract"))
    placed = [*map(chains.placed, contracts, pages)]
    columns = [
        [each or slug for each in texts(named(nfts, "collection"))],
        [contract for contract, _ in placed],
        [chain for _, chain in placed],
        texts(named(nfts, "identifier")),
        texts(named(nfts, "name")),
        texts(named(nfts, "description")),
        texts(named(nfts, "token_standard")),
        _first_links(nfts, "image_url", "display_image_url", "original_image_url"),
        _first_links(nfts, "animation_url", "display_animation_url", "original_animation_url"),
        _links(uris),
        pages,
        _flags(named(nfts, "is_disabled")),
        _flags(named(nfts, "is_nsfw")),
    ]
    return [*map(list, zip(*columns, strict=True))]


def named(nfts: Sequence[dict[str, Any]], name: str) -> Sequence[Any]:
    """A member of each; None where it is missing."""
    return [*map(dict.get, nfts, repeat(name))]


def texts(values: Sequence[Any]) -> Sequence[str | None]:
    """What `text` makes of each."""
    if {*map(type, values)} <= _TEXTS and "" not in values:
        return values
    return [*map(text, values)]


def _links(values: Sequence[Any]) -> Sequence[str | None]:
    types = {*map(type, values)}
    fits = types == _NONE or (
        types == _ALL_TEXT and "" not in values and max(map(len, values)) <= LONGEST_LINK
    )
    return values if fits else [*map(link, values)]


def _first_links(nfts: Sequence[dict[str, Any]], *names: str) -> Sequence[str | None]:
    first, *others = names
    found = _links(named(nfts, first))
    for name in others:
        if None in found:
            pairs = zip(found, _links(named(nfts, name)), strict=True)
            found = [one if one is not None else other for one, other in pairs]
    return found


def _flags(values: Sequence[Any]) -> Sequence[bool | None]:
    return values if {*map(type, values)} <= _FLAGS else [*map(flag, values)]
