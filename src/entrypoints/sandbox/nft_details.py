"""What OpenSea has read itself: NFTs in a batch, and one NFT's parsed metadata."""

import json
from collections.abc import Sequence
from typing import Any

from entrypoints.sandbox.answers import Answer, error_answer, json_answer
from entrypoints.sandbox.collections import (
    COLLECTION_NAMES,
    DXTERMINAL,
    collection_contracts,
    collection_items,
)
from entrypoints.sandbox.nft_answers import single_nft
from entrypoints.sandbox.nft_items import NftItem
from entrypoints.sandbox.options import SandboxOptions

_LARGEST_BATCH = 200
_SMALL_BATCH = 30
_MOST_TRAITS = 50
_LONGEST_ID = 78  # digits of 2^256

type Name = tuple[str, str, str]
"""Chain, contract in lower case, token id."""


class NftDetails:
    """Finds NFTs of all collections by chain, contract and id."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._odd: dict[Name, tuple[str, NftItem]] = {}

    def batch(self, body: bytes, origin: str, now: str) -> Answer:
        """Those of the asked NFTs that are known; the others are left out without a word."""
        if "no-batches" in self._options.faults:
            return error_answer(404, "Not found")
        try:
            asked = [
                (each["chain"], each["contract_address"].lower(), each["token_id"])
                for each in json.loads(body)["identifiers"]
            ]
        except (ValueError, KeyError, TypeError, AttributeError):
            return error_answer(400, "identifiers must be a list of NFT identifiers")
        largest = _SMALL_BATCH if "small-batches" in self._options.faults else _LARGEST_BATCH
        if not 1 <= len(asked) <= largest:
            return error_answer(400, f"identifiers must hold between 1 and {largest} NFTs")
        found = [pair for name in asked if (pair := self._find(name)) and pair[1].in_batch]
        return json_answer({"nfts": [_detailed(*pair, origin, now) for pair in found]})

    def metadata(self, chain: str, contract: str, identifier: str) -> Answer:
        """The metadata of one NFT as OpenSea has read it (AssetMetadataResponse)."""
        found = self._find((chain, contract.lower(), identifier))
        document = found and found[1].known_document
        if not document:
            return error_answer(404, f"Metadata of {identifier} not found")
        value = json.loads(document)
        return json_answer(
            {
                "name": value.get("name"),
                "description": value.get("description"),
                "image": value.get("image"),
                "external_link": value.get("external_url"),
                "animation_url": value.get("animation_url"),
                "traits": value.get("attributes") or [],
                "decimals": None,
            }
        )

    def _find(self, name: Name) -> tuple[str, NftItem] | None:
        chain, contract, identifier = name
        if (contract, chain) in collection_contracts(DXTERMINAL):
            items = collection_items(self._options, DXTERMINAL) or ()
            item = _at(items, identifier)
            return (DXTERMINAL, item) if item else None
        if not self._odd:
            for slug in COLLECTION_NAMES:
                for item in collection_items(self._options, slug) or ():
                    if item.known_document:
                        self._odd[item.chain, item.contract.lower(), item.identifier] = slug, item
        return self._odd.get(name)


def _at(items: Sequence[NftItem], identifier: str) -> NftItem | None:
    is_id = identifier.isascii() and identifier.isdecimal() and len(identifier) <= _LONGEST_ID
    position = int(identifier) - 1 if is_id else -1
    item = items[position] if 0 <= position < len(items) else None
    return item if item and item.known_document else None


def _detailed(slug: str, item: NftItem, origin: str, now: str) -> dict[str, Any]:
    answer = single_nft(slug, item, origin, now)
    traits = answer["traits"]
    return {**answer, "traits": traits if traits and len(traits) <= _MOST_TRAITS else None}
