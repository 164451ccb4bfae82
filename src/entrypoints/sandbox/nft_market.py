"""The trade with a collection's NFTs: events by the hour, and listings."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from entrypoints.sandbox.answers import Answer, error_answer, json_answer
from entrypoints.sandbox.made_up_numbers import fraction
from entrypoints.sandbox.nft_answers import listed_nft
from entrypoints.sandbox.nft_items import NftItem

FIRST_EVENT = 1_735_689_600  # 2025-01-01, epoch seconds
STEP = 3600
_KINDS = ("sale", "transfer", "listing", "mint", "sale", "transfer", "collection_offer")
_PAGE = 50
_LARGEST_PAGE = 200
_ETH = 10**18
_NO_ADDRESS = "0x" + "0" * 40
_ORDER = b"-pk="
_MOST_LISTINGS = 300
_DAY = 86_400

type Query = Mapping[str, Sequence[str]]


def events_page(
    slug: str, items: Sequence[NftItem], query: Query, origin: str, now: float
) -> Answer:
    """A page of events, newest first (AssetEventsResponse); one happens each hour."""
    try:
        size = _size(query)
        after = int(query["after"][0]) if "after" in query else FIRST_EVENT - 1
        before = int(query["before"][0]) if "before" in query else int(now) + 1
        last = min(before, int(now) + 1) - 1
        newest = (last - FIRST_EVENT) // STEP
        start = _position(query["next"][0]) if "next" in query else newest
    except (ValueError, binascii.Error):
        return error_answer(400, "Invalid after, before, limit or cursor")
    wanted = set(query.get("event_type", ())) or set(_KINDS)
    found: list[dict[str, Any]] = []
    number = start
    oldest = max(0, -((FIRST_EVENT - after - 1) // STEP))
    while number >= oldest and len(found) < size and items:
        if _KINDS[number % len(_KINDS)] in wanted:
            found.append(_event(slug, items, number, origin))
        number -= 1
    more = {"next": _cursor(number)} if number >= oldest and items else {}
    return json_answer({"asset_events": found, **more})


def listings_page(items: Sequence[NftItem], query: Query) -> Answer:
    """A page of the best listings, cheapest first (ListingsResponse)."""
    try:
        size = _size(query)
        start = _position(query["next"][0]) if "next" in query else 0
    except (ValueError, binascii.Error):
        return error_answer(400, "Invalid limit or cursor")
    numbers = range(min(len(items), _MOST_LISTINGS))
    found = [_listing(items, number) for number in numbers[start : start + size]]
    last = start + size >= len(numbers)
    return json_answer({"listings": found, "next": None if last else _cursor(start + size)})


def _event(slug: str, items: Sequence[NftItem], number: int, origin: str) -> dict[str, Any]:
    kind = _KINDS[number % len(_KINDS)]
    item = items[int(fraction("item", slug, number) * len(items))]
    at = FIRST_EVENT + number * STEP
    nft = listed_nft(slug, item, origin, "2026-01-01T00:00:00.000000")
    event: dict[str, Any] = {"event_timestamp": at, "chain": item.chain, "quantity": 1}
    maker, taker = _address("a", number), _address("b", number)
    if kind in ("sale", "listing", "collection_offer"):
        event["payment"] = _payment(number)
        event |= {"order_hash": _hash("order", number), "protocol_address": _NO_ADDRESS}
    if kind == "sale":
        sale = {"seller": maker, "buyer": taker, "closing_date": at, "nft": nft}
        return {**event, **sale, "event_type": kind, "transaction": _hash("tx", number)}
    if kind in ("transfer", "mint"):
        giver = _NO_ADDRESS if kind == "mint" else maker
        moved = {"from_address": giver, "to_address": taker, "transfer_type": kind, "nft": nft}
        return {**event, **moved, "event_type": kind, "transaction": _hash("tx", number)}
    order = {"order_type": kind, "maker": maker, "taker": "", "is_private_listing": False}
    about = nft if kind == "listing" else None
    span = {"start_date": at, "expiration_date": at + _DAY}
    return {**event, **order, **span, "event_type": "order", "asset": about}


def _listing(items: Sequence[NftItem], number: int) -> dict[str, Any]:
    item = items[number - number % 7]  # some NFTs are listed more than once
    parameters = {
        "offerer": _address("a", number),
        "offer": [
            {
                "itemType": 2,
                "token": item.contract,
                "identifierOrCriteria": item.identifier,
                "startAmount": "1",
                "endAmount": "1",
            }
        ],
        "consideration": [],
        "startTime": str(FIRST_EVENT),
        "endTime": str(FIRST_EVENT + 1000 * _DAY),
    }
    price = {"currency": "ETH", "decimals": 18, "value": str((number + 20) * _ETH // 1000 + 1)}
    return {
        "order_hash": _hash("listing", number),
        "chain": item.chain,
        "protocol_data": {"parameters": parameters, "signature": None},
        "protocol_address": _NO_ADDRESS,
        "asset": {"identifier": item.identifier, "contract": item.contract},
        "remaining_quantity": 1,
        "order_created_at": FIRST_EVENT,
        "price": {"current": price},
        "type": "basic",
        "status": "ACTIVE",
    }


def _payment(number: int) -> dict[str, Any]:
    amount = int(fraction("price", number) * 1000) * _ETH // 10_000 + 1
    return {
        "quantity": str(amount),
        "token_address": _NO_ADDRESS,
        "decimals": 18,
        "symbol": "ETH",
    }


def _size(query: Query) -> int:
    size = int(query.get("limit", [str(_PAGE)])[0])
    if not 1 <= size <= _LARGEST_PAGE:
        message = "limit"
        raise ValueError(message)
    return size


def _cursor(position: int) -> str:
    return base64.b64encode(_ORDER + str(position).encode()).decode()


def _position(cursor: str) -> int:
    return int(base64.b64decode(cursor, validate=True).removeprefix(_ORDER))


def _hash(*words: object) -> str:
    return "0x" + "".join(f"{int(fraction(part, *words) * 2**48):012x}" for part in range(6))[:64]


def _address(*words: object) -> str:
    return "0x" + "".join(f"{int(fraction(part, *words) * 2**48):012x}" for part in range(4))[:40]
