"""Batches, parsed metadata, events and listings of the sandbox."""

import asyncio
import json
from typing import Any

import httpx

from entrypoints.sandbox import SandboxOptions, create_app
from entrypoints.sandbox.nft_market import FIRST_EVENT, STEP
from entrypoints.sandbox.terminal_agents import CHAIN, CONTRACT

KEY = {"x-api-key": "any"}


def ask(method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
    async def answer() -> httpx.Response:
        app = create_app(SandboxOptions(items=450, **options))
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # bare ASGI
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
            content = None if body is None else json.dumps(body)
            return await client.request(method, path, headers=KEY, content=content)

    return asyncio.run(answer())


def batch(*ids: int, **options: Any) -> httpx.Response:
    names = [{"chain": CHAIN, "contract_address": CONTRACT, "token_id": str(each)} for each in ids]
    return ask("POST", "/api/v2/nfts/batch", {"identifiers": names}, **options)


def walk(path: str, member: str) -> list[list[dict[str, Any]]]:
    pages: list[list[dict[str, Any]]] = []
    cursor = ""
    while True:
        answer = ask("GET", path + cursor).json()
        pages.append(answer[member])
        if not answer.get("next"):
            return pages
        cursor = "&next=" + answer["next"].replace("=", "%3D")


def test_a_batch_leaves_out_what_is_not_known() -> None:
    """The 251st has no document, and there is no 451st."""
    answer = batch(1, 251, 451)
    assert [nft["identifier"] for nft in answer.json()["nfts"]] == ["1"]
    assert answer.json()["nfts"][0]["traits"]


def test_a_batch_that_is_too_large_is_refused() -> None:
    """Without saying what would be taken."""
    assert batch(*range(1, 201)).status_code == 200
    assert batch(*range(1, 202)).status_code == 400
    assert batch().status_code == 400
    assert ask("POST", "/api/v2/nfts/batch", {"identifiers": 5}).status_code == 400
    assert batch(*range(1, 32), faults=("small-batches",)).status_code == 400
    assert batch(1, faults=("no-batches",)).status_code == 404


def test_parsed_metadata_is_that_of_the_document() -> None:
    """Traits under OpenSea's names."""
    parsed = ask("GET", f"/api/v2/metadata/{CHAIN}/{CONTRACT}/7").json()
    document = ask("GET", "/metadata/dxterminal/7").json()
    assert parsed["traits"] == document["attributes"]
    assert ask("GET", f"/api/v2/metadata/{CHAIN}/{CONTRACT}/251").status_code == 404


def test_events_go_back_in_time_page_by_page() -> None:
    """One an hour, in the span that was asked for, each once."""
    after, before = FIRST_EVENT + 10 * STEP, FIRST_EVENT + 130 * STEP
    path = f"/api/v2/events/collection/dxterminal?after={after}&before={before}&limit=50"
    pages = walk(path, "asset_events")
    times = [event["event_timestamp"] for page in pages for event in page]
    assert [len(page) for page in pages] == [50, 50, 19]
    assert times == list(range(before - STEP, after, -STEP))
    some = walk(path + "&event_type=sale&event_type=mint", "asset_events")
    assert {event["event_type"] for page in some for event in page} == {"sale", "mint"}


def test_listings_are_cheapest_first() -> None:
    """And an NFT may have several."""
    pages = walk("/api/v2/listings/collection/dxterminal/best?limit=200", "listings")
    prices = [int(each["price"]["current"]["value"]) for page in pages for each in page]
    assert [len(page) for page in pages] == [200, 100]
    assert prices == sorted(prices)
    assert len({each["asset"]["identifier"] for page in pages for each in page}) < len(prices)


def test_odd_questions_are_refused() -> None:
    """400 for what cannot be read, 404 for what is not there."""
    for path in ("?limit=0", "?limit=201", "?after=x", "?next=%3D%3D"):
        assert ask("GET", f"/api/v2/events/collection/dxterminal{path}").status_code == 400
    assert ask("GET", "/api/v2/listings/collection/dxterminal/best?next=!").status_code == 400
    assert ask("GET", "/api/v2/events/collection/nobody").status_code == 404
    assert ask("GET", "/api/v2/nfts/batch").status_code == 405
