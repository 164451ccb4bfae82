"""One made-up NFT: its list entry, its document, and what a reader should make of it."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class NftItem:
    """An NFT of a sandbox collection.

    Attributes:
        metadata_url: may hold `{origin}` for the address that the client named.
        document: body served under `/metadata/<slug>/<identifier>`; None for 404.
        status: what `metadata_status` should become; traits: how many rows in `nft.traits`.
        listed_traits: traits that the list answer itself carries.
        known: the document as OpenSea has read it before its host died.
        in_batch: whether a batch answer has it, where OpenSea knows it.
    """

    identifier: str
    contract: str
    chain: str
    name: str | None
    description: str | None
    metadata_url: str | None
    document: bytes | None
    status: str = "ok"
    traits: int = 0
    token_standard: str = "erc721"
    content_type: str = "application/json"
    listed_traits: list[dict[str, Any]] | None = field(default=None)
    known: bytes | None = None
    in_batch: bool = True

    @property
    def known_document(self) -> bytes | None:
        """What OpenSea itself has read; None where it could not."""
        return self.known or (self.document if self.status == "ok" else None)
