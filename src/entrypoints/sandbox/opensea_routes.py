"""OpenSea's routes (v2), as the recordings show them."""

import base64
import binascii
import re
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from entrypoints.sandbox.answers import Answer, error_answer, json_answer
from entrypoints.sandbox.collections import DXTERMINAL, collection_items
from entrypoints.sandbox.nft_items import NftItem
from entrypoints.sandbox.options import SandboxOptions

_PAGE = 50
_LARGEST_PAGE = 200
_THIRD = 2  # pages count from 0
_ORDER = b"-pk="
_LAST_PAGES = {DXTERMINAL: "absent", "two-contracts": "null", "odd-shapes": "empty"}
_PATHS = re.compile(
    r"/api/v2/(?:"
    r"(?P<keys>auth/keys)|"
    r"collections/(?P<collection>[^/]+)(?P<stats>/stats)?|"
    r"collection/(?P<listed>[^/]+)/nfts|"
    r"chain/(?P<chain>[^/]+)/contract/(?P<contract>[^/]+)/nfts/(?P<identifier>[^/]+)"
    r")"
)


class OpenSeaRoutes:
    """Answers below `/api/v2`."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._keys = 0
        self._seen: Counter[str] = Counter()

    def answer(
        self, method: str, path: str, query: bytes, headers: dict[bytes, bytes], origin: str
    ) -> Answer:
        """One request; `origin` is the address that the client named."""
        match = _PATHS.fullmatch(path)
        if match is None:
            return error_answer(404, "Not found")
        if method != ("POST" if match["keys"] else "GET"):
            return error_answer(405, "Method not allowed")
        if match["keys"]:
            return self._new_key()
        refusal = self._refuse(headers)
        return refusal or self._read(match, query, origin)

    def _read(self, match: re.Match[str], query: bytes, origin: str) -> Answer:
        if match["identifier"]:
            return self._single(match["contract"], match["identifier"], origin)
        slug = match["collection"] or match["listed"]
        items = collection_items(self._options, slug)
        if items is None:
            return error_answer(404, f"Collection with slug `{slug}` not found")
        if match["listed"]:
            return self._page(slug, items, parse_qs(query.decode()), origin)
        return json_answer(_stats(items) if match["stats"] else _collection(slug, items))

    def _new_key(self) -> Answer:
        self._keys += 1
        expires = datetime.fromtimestamp(_now().timestamp(), UTC) + timedelta(days=7)
        return json_answer(
            {
                "api_key": f"sandbox-{self._keys:024d}",
                "name": "Instant API key",
                "expires_at": expires.isoformat(),
                "rate_limits": {"read": "6000/m", "write": "30/h", "fulfillment": "5/m"},
                "upgrade_url": "https://opensea.io/settings/developer",
            },
            201,
        )

    def _refuse(self, headers: dict[bytes, bytes]) -> Answer | None:
        key = headers.get(b"x-api-key", b"")
        if not key:
            return error_answer(401, "Missing an API Key in header x-api-key")
        if "expired-key" in self._options.faults and key == b"sandbox-" + b"1".zfill(24):
            return error_answer(401, "The API key has expired")
        return None

    def _page(
        self, slug: str, items: list[NftItem], query: dict[str, list[str]], origin: str
    ) -> Answer:
        try:
            size = int(query.get("limit", [str(_PAGE)])[0])
            start = _offset(query["next"][0]) if "next" in query else 0
        except (ValueError, binascii.Error):
            return error_answer(400, "Invalid limit or cursor")
        if not 1 <= size <= _LARGEST_PAGE or not 0 <= start <= len(items):
            return error_answer(400, f"limit must be between 1 and {_LARGEST_PAGE}")
        number = start // size
        if "list-down" in self._options.faults and number >= _THIRD:
            return error_answer(503, "Service unavailable")
        body: dict[str, Any] = {
            "nfts": [_listed(slug, item, origin) for item in items[start : start + size]]
        }
        following = start + size
        if "cursor-loop" in self._options.faults and number == _THIRD:
            following = size
        if following < len(items):
            body["next"] = _cursor(following)
        elif _LAST_PAGES.get(slug) in ("null", "empty"):
            body["next"] = None if _LAST_PAGES[slug] == "null" else ""
        answer = json_answer(body)
        self._seen[slug] += number == 1
        if "truncate" in self._options.faults and number == 1 and self._seen[slug] == 1:
            return Answer(200, answer.body[: len(answer.body) // 2], answer.headers)
        return answer

    def _single(self, contract: str, identifier: str, origin: str) -> Answer:
        items = collection_items(self._options, DXTERMINAL) or []
        position = int(identifier) - 1 if identifier.isdecimal() else -1
        if not 0 <= position < len(items) or items[position].contract != contract.lower():
            return error_answer(404, f"NFT {identifier} not found")
        return json_answer({"nft": _listed(DXTERMINAL, items[position], origin)})


def _cursor(offset: int) -> str:
    return base64.b64encode(_ORDER + str(offset).encode()).decode()


def _offset(cursor: str) -> int:
    return int(base64.b64decode(cursor, validate=True).removeprefix(_ORDER))


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _listed(slug: str, item: NftItem, origin: str) -> dict[str, Any]:
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
        "updated_at": _now().replace(tzinfo=None).isoformat(timespec="microseconds"),
        "is_disabled": False,
        "is_nsfw": False,
        "original_image_url": None,
        "original_animation_url": None,
    }
    if item.listed_traits is not None:
        entry["traits"] = item.listed_traits
    return entry


def _collection(slug: str, items: list[NftItem]) -> dict[str, Any]:
    contracts = dict.fromkeys((item.contract, item.chain) for item in items)
    return {
        "collection": slug,
        "name": "DX Terminal" if slug == DXTERMINAL else slug.replace("-", " ").title(),
        "description": "Made up for the sandbox.",
        "image_url": f"https://images.invalid/{slug}.png",
        "banner_image_url": "",
        "owner": "0x00000000000000000000000000000000000000aa",
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
        "contracts": [{"address": address, "chain": chain} for address, chain in contracts],
        "editors": ["0x00000000000000000000000000000000000000aa"],
        "fees": [{"fee": 1.18e-5, "recipient": "0x" + "0" * 40, "required": False}],
        "rarity": None,
        "total_supply": len(items),
        "unique_item_count": len(items),
        "created_date": "2025-01-01",
        "payment_tokens": [],
    }


def _stats(items: list[NftItem]) -> dict[str, Any]:
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
