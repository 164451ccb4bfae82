"""The sandbox on a real socket."""

import threading

import httpx

from entrypoints.sandbox import SandboxOptions, running_sandbox


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
