"""OpenSea's routes (v2), as the recordings show them."""

import base64
import binascii
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from entrypoints.sandbox.answers import Answer, error_answer, json_answer
from entrypoints.sandbox.collections import (
    COLLECTION_NAMES,
    DXTERMINAL,
    collection_contracts,
    collection_items,
)
from entrypoints.sandbox.nft_answers import (
    collection_details,
    collection_stats,
    listed_nft,
    single_nft,
)
from entrypoints.sandbox.nft_details import NftDetails
from entrypoints.sandbox.nft_items import NftItem
from entrypoints.sandbox.nft_market import events_page, listings_page
from entrypoints.sandbox.options import SandboxOptions

_PAGE, _ALIKE = 50, 3
_LARGEST_PAGE = 200
_THIRD = 2  # pages count from 0
_LONGEST_ID = 78  # digits of 2^256
_KEY = "sandbox-"
_ORDER = b"-pk="
_LAST_PAGES = {DXTERMINAL: "absent", "two-contracts": "null", "odd-shapes": "empty"}
_PATHS = re.compile(
    r"/api/v2/(?:"
    r"(?P<keys>auth/keys)|"
    r"(?P<batch>nfts/batch)|"
    r"events/collection/(?P<events>[^/]+)|"
    r"listings/collection/(?P<listings>[^/]+)/best|"
    r"(?P<search>search)|"
    r"metadata/(?P<known>[^/]+/[^/]+/[^/]+)|"
    r"collections/(?P<collection>[^/]+)(?P<stats>/stats)?|"
    r"collection/(?P<listed>[^/]+)/nfts|"
    r"chain/(?P<chain>[^/]+)/contract/(?P<contract>[^/]+)/nfts/(?P<identifier>[^/]+)"
    r")"
)


class OpenSeaRoutes:
    """Answers below `/api/v2`.

    Args:
        options: what there is, and what goes wrong.
        clock: epoch seconds, up to which there are events.
    """

    def __init__(self, options: SandboxOptions, clock: Callable[[], float] = time.time) -> None:
        self._options = options
        self._clock = clock
        self._issued: list[str] = []
        self._asked: Counter[tuple[str, int]] = Counter()
        self._details = NftDetails(options)

    def answer(
        self,
        method: str,
        path: str,
        query: bytes,
        headers: dict[bytes, bytes],
        origin: str,
        *,
        body: bytes = b"",
    ) -> Answer:
        """One request; `origin` is the address that the client named."""
        match = _PATHS.fullmatch(path)
        if match is None:
            return error_answer(404, "Not found")
        if method != ("POST" if match["keys"] or match["batch"] else "GET"):
            return error_answer(405, "Method not allowed")
        if match["keys"]:
            return self._new_key()
        refusal = self._refuse(headers)
        if refusal:
            return refusal
        if match["batch"]:
            return self._details.batch(body, origin, _local_now())
        return self._read(match, query, origin)

    def _read(self, match: re.Match[str], query: bytes, origin: str) -> Answer:
        if match["identifier"]:
            return self._single((match["contract"], match["chain"]), match["identifier"], origin)
        if match["search"]:
            return _found(query)
        if match["known"]:
            return self._details.metadata(*match["known"].split("/"))
        slug = match["collection"] or match["listed"] or match["events"] or match["listings"]
        items = collection_items(self._options, slug)
        if items is None:
            return error_answer(404, f"Collection with slug `{slug}` not found")
        return self._about(match, slug, items, query, origin)

    def _about(
        self,
        match: re.Match[str],
        slug: str,
        items: Sequence[NftItem],
        query: bytes,
        origin: str,
    ) -> Answer:
        values = parse_qs(query.decode("ascii", "replace"))
        if match["listed"]:
            return self._page(slug, items, values, origin)
        if match["events"]:
            return events_page(slug, items, values, origin, self._clock())
        if match["listings"]:
            return listings_page(items, values)
        return json_answer(
            collection_stats(items) if match["stats"] else collection_details(slug, items)
        )

    def _new_key(self) -> Answer:
        self._issued.append(f"{_KEY}{len(self._issued) + 1:024d}")
        expires = _now() + timedelta(days=7)
        return json_answer(
            {
                "api_key": self._issued[-1],
                "name": "Instant API key",
                "expires_at": expires.isoformat(),
                "rate_limits": {"read": "6000/m", "write": "30/h", "fulfillment": "5/m"},
                "upgrade_url": "https://opensea.io/settings/developer",
            },
            201,
        )

    def _refuse(self, headers: dict[bytes, bytes]) -> Answer | None:
        """A person's own key is taken as it is; of instant keys only those given out here."""
        key = headers.get(b"x-api-key", b"").decode("latin-1")
        if not key:
            return error_answer(401, "Missing an API Key in header x-api-key")
        if key.startswith(_KEY) and key not in self._issued:
            return error_answer(401, "Invalid API key")
        if "expired-key" in self._options.faults and [key] == self._issued[:1]:
            return error_answer(401, "The API key has expired")
        return None

    def _page(
        self, slug: str, items: Sequence[NftItem], query: dict[str, list[str]], origin: str
    ) -> Answer:
        try:
            size = int(query.get("limit", [str(_PAGE)])[0])
            start = _offset(query["next"][0]) if "next" in query else 0
        except (ValueError, binascii.Error):
            return error_answer(400, "Invalid limit or cursor")
        if not 1 <= size <= _LARGEST_PAGE or not 0 <= start <= len(items):
            return error_answer(400, f"limit must be between 1 and {_LARGEST_PAGE}")
        number = start // size
        self._asked[slug, number] += 1
        first_time = self._asked[slug, number] == 1
        if "list-down" in self._options.faults and number >= _THIRD:
            return error_answer(503, "Service unavailable")
        if "server-errors" in self._options.faults and first_time:
            return error_answer(500, "Internal server error")
        now = _local_now()
        body: dict[str, Any] = {
            "nfts": [listed_nft(slug, item, origin, now) for item in items[start : start + size]]
        }
        following = start + size
        if "cursor-loop" in self._options.faults and number == _THIRD:
            following = size
        if following < len(items):
            shifted = "shifting" in self._options.faults and size > 1
            body["next"] = _cursor(following - shifted)
        elif _LAST_PAGES.get(slug) in ("null", "empty"):
            body["next"] = None if _LAST_PAGES[slug] == "null" else ""
        answer = json_answer(body)
        if "truncate" in self._options.faults and number == 1 and first_time:
            return Answer(200, answer.body[: len(answer.body) // 2], answer.headers)
        return answer

    def _single(self, contract: tuple[str, str], identifier: str, origin: str) -> Answer:
        address, chain = contract
        items = collection_items(self._options, DXTERMINAL) or []
        is_id = identifier.isascii() and identifier.isdecimal() and len(identifier) <= _LONGEST_ID
        position = int(identifier) - 1 if is_id else -1
        known = (address.lower(), chain) in collection_contracts(DXTERMINAL)
        if not known or not 0 <= position < len(items):
            return error_answer(404, f"NFT {identifier} not found")
        return json_answer({"nft": single_nft(DXTERMINAL, items[position], origin, _local_now())})


def _found(query: bytes) -> Answer:
    """Collections whose names share a beginning of three letters with the words asked for."""
    words = (
        parse_qs(query.decode("ascii", "replace")).get("query", [""])[0].replace(" ", "").lower()
    )
    slugs = [
        each
        for each in (DXTERMINAL, *COLLECTION_NAMES)
        if each.replace("-", "")[:_ALIKE] == words[:_ALIKE]
    ]
    results = [
        {"type": "collection", "collection": {"collection": each, "name": each}} for each in slugs
    ]
    return json_answer({"results": results})


def _cursor(offset: int) -> str:
    return base64.b64encode(_ORDER + str(offset).encode()).decode()


def _offset(cursor: str) -> int:
    return int(base64.b64decode(cursor, validate=True).removeprefix(_ORDER))


def _now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _local_now() -> str:
    """As `updated_at` comes: UTC, without saying so."""
    return _now().replace(tzinfo=None).isoformat(timespec="microseconds")
