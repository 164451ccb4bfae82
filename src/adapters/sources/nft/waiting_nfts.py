"""NFTs of the list whose traits are still to be had, and the rung that is asked next.

A waiting NFT is a JSON object that travels in the context of requests:
`nft` (its columns as listed), `again` (it was counted before), `batched` (the batch does not have
it), and once its host is dead `reason` and `rescue` (see `nft.rescue`).
"""

from collections.abc import Mapping
from typing import Any

from adapters.sources.nft.joined_pages import AGAIN, uncounted
from adapters.sources.nft.metadata import ask
from adapters.sources.nft.nft_records import Listed, finished
from adapters.sources.nft.options import NftOptions
from domain.sources import Page

type Waiting = Mapping[str, Any]


def ask_document(waiting: Waiting, options: NftOptions) -> Page:
    """The next rung for an NFT that a batch does not have: its metadata document."""
    listed: Listed = waiting["nft"]
    if (uri := listed[9]) is None:
        return counted(waiting, finished(listed, "none"))
    page = ask(listed, uri, listed[3], options.gateways, options.rescue, batched=True)
    return counted(waiting, page)


def counted(waiting: Waiting, page: Page) -> Page:
    """The page, not counted where its NFT was before."""
    return uncounted(page) if waiting.get(AGAIN) else page
