"""What OpenSea says about NFTs and collections: the field sets of the recordings."""

import json
from collections.abc import Sequence
from typing import Any

from entrypoints.sandbox.collections import DXTERMINAL, collection_contracts
from entrypoints.sandbox.nft_items import NftItem

_OWNER = "0x00000000000000000000000000000000000000aa"


def listed_nft(slug: str, item: NftItem, origin: str, now: str) -> dict[str, Any]:
    """An entry of a list (Nft).

    Args:
        slug: its collection.
        item: the NFT.
        origin: the address that the client named, for links to this server.
        now: the present time without a zone, as `updated_at` has it.
    """
    url = item.metadata_url
    image = f"https://images.invalid/{slug}/{item.identifier}.png"
    entry: dict[str, Any] = {
        "identifier": item.identifier,
        "collection": slug,
        "contract": item.contract,
        "token_standard": item.token_standard,
        "name": item.name,
        "description": item.description,
        "image_url": image,
        "display_image_url": image,
        "display_animation_url": None,
        "metadata_url": url.replace("{origin}", origin) if url else None,
        "opensea_url": f"https://opensea.io/item/{item.chain}/{item.contract}/{item.identifier}",
        "updated_at": now,
        "is_disabled": False,
        "is_nsfw": False,
        "original_image_url": None,
        "original_animation_url": None,
    }
    if item.listed_traits is not None:
        entry["traits"] = item.listed_traits
    return entry


def single_nft(slug: str, item: NftItem, origin: str, now: str) -> dict[str, Any]:
    """The answer for one NFT (NftDetailed): as listed, and who has it."""
    document = item.known_document
    return {
        **listed_nft(slug, item, origin, now),
        "traits": json.loads(document).get("attributes") if document else None,
        "animation_url": None,
        "is_suspicious": False,
        "creator": _OWNER,
        "owners": [{"address": _OWNER, "quantity": 1, "quantity_string": "1"}],
        "rarity": None,
    }


def collection_details(slug: str, items: Sequence[NftItem]) -> dict[str, Any]:
    """The answer for a collection (CollectionDetailedResponse)."""
    return {
        "collection": slug,
        "name": "DX Terminal" if slug == DXTERMINAL else slug.replace("-", " ").title(),
        "description": "Made up for the sandbox.",
        "image_url": f"https://images.invalid/{slug}.png",
        "banner_image_url": "",
        "owner": _OWNER,
        "safelist_status": "verified" if slug == DXTERMINAL else "not_requested",
        "category": "pfps",
        "is_disabled": False,
        "is_nsfw": False,
        "trait_offers_enabled": True,
        "collection_offers_enabled": True,
        "opensea_url": f"https://opensea.io/collection/{slug}",
        "project_url": "https://terminal.invalid" if slug == DXTERMINAL else "",
        "wiki_url": "",
        "discord_url": "",
        "telegram_url": "",
        "twitter_username": None,
        "instagram_username": None,
        "contracts": [
            {"address": address, "chain": chain} for address, chain in collection_contracts(slug)
        ],
        "editors": [_OWNER],
        "fees": [{"fee": 1.18e-5, "recipient": "0x" + "0" * 40, "required": False}],
        "rarity": None,
        "total_supply": len(items),
        "unique_item_count": len(items),
        "created_date": "2025-01-01",
        "payment_tokens": [],
    }


def collection_stats(items: Sequence[NftItem]) -> dict[str, Any]:
    """The answer for a collection's statistics (CollectionStats)."""
    return {
        "total": {
            "volume": 7.872e7,
            "sales": len(items) * 3,
            "average_price": 0.19,
            "num_owners": len(items) // 3,
            "market_cap": 0.0,
            "floor_price": 0.02,
            "floor_price_symbol": "ETH",
        },
        "intervals": [
            {"interval": name, "volume": 0.0, "sales": 0}
            for name in ("one_day", "seven_day", "thirty_day")
        ],
    }
