"""How OpenSea is asked about one NFT."""

import re

from adapters.sources.nft.nft_records import Listed

_CHAIN = re.compile(r"[a-z0-9_-]{1,40}", re.ASCII)
_WORD = re.compile(r"[A-Za-z0-9]{1,100}", re.ASCII)

type Name = tuple[str, str, str]
"""Chain, contract and token id, as OpenSea's paths and batches have them."""


def nft_name(listed: Listed) -> Name | None:
    """The name of an NFT; None where its list entry does not say enough, or what no name is."""
    contract, chain, identifier = listed[1:4]
    if not (chain and contract and identifier):
        return None
    address = contract.removeprefix(f"{chain}:")
    fits = _CHAIN.fullmatch(chain) and _WORD.fullmatch(address) and _WORD.fullmatch(identifier)
    return (chain, address, identifier) if fits else None
