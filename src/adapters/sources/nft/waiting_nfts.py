"""NFTs of the list whose traits are still to be had, and the rung that is asked next.

A waiting NFT is a JSON object that travels in the context of requests:
`nft` (its columns as listed), `again` (it was counted before), `batched` (the batch does not have
it), and once its host is dead `reason` and `rescue` (see `nft.rescue`).
"""

import re
from collections.abc import Mapping
from typing import Any

from adapters.sources.nft.joined_pages import AGAIN, uncounted
from adapters.sources.nft.metadata import ask
from adapters.sources.nft.nft_records import Listed, finished
from adapters.sources.nft.options import NftOptions
from domain.sources import Page

_CHAIN = re.compile(r"[a-z0-9_-]{1,40}", re.ASCII)
_CONTRACT = re.compile(r"[A-Za-z0-9]{1,100}", re.ASCII)
_TOKEN_ID = re.compile(r"[A-Za-z0-9]{1,100}", re.ASCII)

type Waiting = Mapping[str, Any]
type Name = tuple[str, str, str]
"""Chain, contract and token id, as OpenSea's paths and batches have them."""


def nft_name(listed: Listed) -> Name | None:
    """How OpenSea is asked about one NFT; None where its list entry does not say enough."""
    contract, chain, identifier = listed[1:4]
    if not (chain and contract and identifier):
        return None
    address = contract.removeprefix(f"{chain}:")
    fits = _CHAIN.fullmatch(chain) and _CONTRACT.fullmatch(address)
    return (chain, address, identifier) if fits and _TOKEN_ID.fullmatch(identifier) else None


def ask_document(waiting: Waiting, options: NftOptions) -> Page:
    """The next rung for an NFT that a batch does not have: its metadata document."""
    listed: Listed = waiting["nft"]
    if (uri := listed[9]) is None:
        return counted(waiting, finished(listed, "none"))
    rescue = options.rescue if nft_name(listed) else 0
    page = ask(listed, uri, listed[3], options.gateways, rescue, batched=True)
    return counted(waiting, page)


def counted(waiting: Waiting, page: Page) -> Page:
    """The page, not counted where its NFT was before."""
    return uncounted(page) if waiting.get(AGAIN) else page
