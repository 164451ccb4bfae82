"""The sandbox on a real socket."""

import threading
from typing import Any

import httpx

from entrypoints.sandbox import SandboxOptions, expected_counts, running_sandbox


def test_it_serves_counts_and_stops_without_a_trace() -> None:
    """A free port, an address of its own in the list, a counter, and no thread left behind."""
    before = threading.active_count()
    with (
        running_sandbox(SandboxOptions(items=250)) as base_url,
        httpx.Client(base_url=base_url, headers={"x-api-key": "any"}) as client,
    ):
        page = client.get("/api/v2/collection/dxterminal/nfts?limit=200").json()
        document = client.get(page["nfts"][0]["metadata_url"])
        counted = client.get("/sandbox/stats").json()

    assert page["nfts"][0]["metadata_url"].startswith(base_url)
    assert document.json()["attributes"]
    assert counted == {"api": 1, "metadata": 1, "200": 2}
    assert threading.active_count() == before


def test_a_whole_walk_finds_what_the_sandbox_says_it_holds() -> None:
    """Key, collection, every page and every document: the counts are those of `expected_counts`."""
    options = SandboxOptions(items=450)
    expected = expected_counts(options, "dxterminal")
    with running_sandbox(options) as base_url, httpx.Client(base_url=base_url) as client:
        key = client.post("/api/v2/auth/keys").json()["api_key"]
        client.headers["x-api-key"] = key
        supply = client.get("/api/v2/collections/dxterminal").json()["total_supply"]
        nfts: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            params = {"limit": "200"} | ({"next": cursor} if cursor else {})
            page = client.get("/api/v2/collection/dxterminal/nfts", params=params).json()
            nfts += page["nfts"]
            cursor = page.get("next")
            if not cursor:
                break
        traits = [_traits(client, nft["metadata_url"]) for nft in nfts]
        counted = client.get("/sandbox/stats").json()

    assert supply == len(nfts) == len({nft["identifier"] for nft in nfts}) == expected["nfts"]
    assert sum(traits) == expected["traits"]
    assert counted["api"] == 5
    assert counted["metadata"] == expected["nfts"] - expected["metadata_status"]["none"]


def _traits(client: httpx.Client, url: str | None) -> int:
    answer = client.get(url) if url else None
    if answer is None or answer.headers["content-type"] != "application/json":
        return 0
    return len(answer.json()["attributes"])
