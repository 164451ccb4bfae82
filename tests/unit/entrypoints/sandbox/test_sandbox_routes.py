"""The sandbox answers as the recordings do, the same way each time."""

import asyncio
import base64
from typing import Any

import httpx
import pytest

from entrypoints.sandbox import FAULTS, SandboxOptions, create_app, expected_counts
from entrypoints.sandbox.odd_collections import CID, COLLECTIONS
from entrypoints.sandbox.terminal_agents import TerminalAgents

type Question = tuple[str, str, dict[str, str]]

KEY = {"x-api-key": "any"}


def ask(options: SandboxOptions, *requests: Question) -> list[httpx.Response]:
    """The answers to requests (method, path, headers), one after another, of one sandbox."""

    async def answers() -> list[httpx.Response]:
        transport = httpx.ASGITransport(create_app(options))  # type: ignore[arg-type]  # bare ASGI
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox.test") as client:
            return [await client.request(m, path, headers=h) for m, path, h in requests]

    return asyncio.run(answers())


def get(path: str, options: SandboxOptions | None = None, **headers: str) -> httpx.Response:
    fields = KEY | {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(options or SandboxOptions(items=450), ("GET", path, fields))[0]


def walk(slug: str, size: int, options: SandboxOptions) -> list[dict[str, Any]]:
    """All pages of a collection."""
    pages, cursor = [], ""
    while True:
        path = f"/api/v2/collection/{slug}/nfts?limit={size}{cursor}"
        page: dict[str, Any] = get(path, options).json()
        pages.append(page)
        if not page.get("next"):
            return pages
        cursor = "&next=" + page["next"].replace("=", "%3D")


def test_a_walk_lists_every_nft_once() -> None:
    """The cursor is opaque base64, and the last page has no `next`."""
    pages = walk("dxterminal", 200, SandboxOptions(items=450))
    ids = [nft["identifier"] for page in pages for nft in page["nfts"]]

    assert [len(page["nfts"]) for page in pages] == [200, 200, 50]
    assert len(set(ids)) == 450
    assert base64.b64decode(pages[0]["next"]).startswith(b"-pk=")
    assert "next" not in pages[-1]


@pytest.mark.parametrize(("slug", "last"), [("two-contracts", None), ("odd-shapes", "")])
def test_last_pages_end_in_every_recorded_way(slug: str, last: str | None) -> None:
    """`next` is absent, null or empty."""
    assert walk(slug, 200, SandboxOptions())[-1]["next"] == last


def test_the_same_options_give_the_same_documents_and_another_seed_others() -> None:
    """Data depends on the seed alone."""
    first, again = (get("/metadata/dxterminal/7").content for _ in range(2))
    other = get("/metadata/dxterminal/7", SandboxOptions(items=450, seed=2)).content

    assert first == again
    assert first != other


def test_documents_are_revalidated() -> None:
    """ETag and Last-Modified both lead to 304, another tag to the document."""
    first = get("/metadata/dxterminal/7")

    assert first.headers["cache-control"] == "public, max-age=3600"
    assert get("/metadata/dxterminal/7", if_none_match=first.headers["etag"]).status_code == 304
    modified = first.headers["last-modified"]
    assert get("/metadata/dxterminal/7", if_modified_since=modified).status_code == 304
    assert get("/metadata/dxterminal/7", if_none_match='"other"').status_code == 200


def test_the_api_wants_a_key_and_hands_one_out() -> None:
    """401 without a key; 201 with an instant one, its end and its limits."""
    refused, issued = ask(
        SandboxOptions(),
        ("GET", "/api/v2/collections/dxterminal", {}),
        ("POST", "/api/v2/auth/keys", {}),
    )

    assert (refused.status_code, issued.status_code) == (401, 201)
    assert set(issued.json()) == {"api_key", "name", "expires_at", "rate_limits", "upgrade_url"}


def test_instant_keys_of_another_sandbox_are_refused() -> None:
    """A key kept from an earlier server leads to 401, as an invalid one does upstream."""
    path = "/api/v2/collections/dxterminal"
    kept = {"x-api-key": f"sandbox-{1:024d}"}

    before, _, after = ask(
        SandboxOptions(),
        ("GET", path, kept),
        ("POST", "/api/v2/auth/keys", {}),
        ("GET", path, kept),
    )

    assert before.status_code == 401
    assert "Invalid API key" in before.json()["errors"]
    assert after.status_code == 200


def test_unknown_things_are_404_and_bad_questions_400() -> None:
    """Errors come as `{"errors": [...]}`."""
    for path in ("/api/v2/collections/nope", "/api/v2/nope", "/api/v2/collection/nope/nfts"):
        assert get(path).status_code == 404
        assert get(path).json()["errors"]
    for query in ("limit=0", "limit=201", "limit=x", "next=!!", "next=LXBrPXg="):
        assert get(f"/api/v2/collection/dxterminal/nfts?{query}").status_code == 400


def test_single_nfts_and_statistics_are_served() -> None:
    """The two routes beside the list."""
    contract = get("/api/v2/collections/dxterminal").json()["contracts"][0]
    path = f"/api/v2/chain/{contract['chain']}/contract/{contract['address']}/nfts/7"

    nft = get(path).json()["nft"]

    assert nft["identifier"] == "7"
    assert nft["traits"] == get("/metadata/dxterminal/7").json()["attributes"]
    assert get(path.replace("/chain/base/", "/chain/ethereum/")).status_code == 404
    assert get("/api/v2/collections/dxterminal/stats").json()["total"]["sales"] == 1350


@pytest.mark.parametrize(
    "path",
    [
        "/metadata/dxterminal/" + "9" * 5000,
        "/metadata/dxterminal/%D9%A7",
        "/api/v2/chain/base/contract/0x41dc69132cce31fcbf6755c84538ca268520246f/nfts/" + "9" * 5000,
        "/api/v2/chain/base/contract/0x41dc69132cce31fcbf6755c84538ca268520246f/nfts/%D9%A7",
    ],
)
def test_strange_identifiers_are_404(path: str) -> None:
    """Endless digits and digits of other scripts name nothing."""
    assert get(path).status_code == 404


def test_api_answers_are_compressed_for_who_takes_it() -> None:
    """The same list with and without gzip; documents are small and stay plain."""
    path = "/api/v2/collection/two-contracts/nfts"
    packed, plain = get(path, accept_encoding="gzip"), get(path, accept_encoding="identity")
    document = get("/metadata/dxterminal/7", accept_encoding="gzip")

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])
    assert [nft["identifier"] for nft in packed.json()["nfts"]] == [
        nft["identifier"] for nft in plain.json()["nfts"]
    ]
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in document.headers


def test_only_what_is_asked_for_is_made() -> None:
    """A large collection costs nothing before its NFTs are read."""
    agents = TerminalAgents(100_000, seed=1)

    assert [agent.identifier for agent in agents[-2:]] == ["99999", "100000"]
    assert agents[-1] is agents[99_999]
    assert sum(made is not None for made in agents._made) == 2


def test_over_the_limit_is_429_with_a_wait() -> None:
    """The quota stands in the header fields of every answer."""
    request = ("GET", "/api/v2/collections/dxterminal", KEY)
    answers = ask(SandboxOptions(rate_limit=2), request, request, request)

    assert [each.status_code for each in answers] == [200, 200, 429]
    assert [each.headers["x-ratelimit-remaining"] for each in answers] == ["1", "0", "0"]
    assert answers[-1].headers["retry-after"] == "1"


def test_an_unknown_fault_names_the_known_ones() -> None:
    """A typing error is not a faultless sandbox."""
    with pytest.raises(ValueError, match="cursor-loop"):
        SandboxOptions(faults=("cursor-lop",))


def test_faults_do_what_they_say() -> None:
    """Each fault is seen in an answer."""
    page = "/api/v2/collection/dxterminal/nfts?limit=200&next="
    second, third = page + "LXBrPTIwMA==", page + "LXBrPTQwMA=="

    looping = get(third, SandboxOptions(items=900, faults=("cursor-loop",))).json()
    assert looping["next"] == "LXBrPTIwMA=="
    assert get(third, SandboxOptions(items=900, faults=("list-down",))).status_code == 503
    cut, whole = ask(
        SandboxOptions(items=900, faults=("truncate",)), ("GET", second, KEY), ("GET", second, KEY)
    )
    assert len(cut.content) < len(whole.content)
    flaky: Question = ("GET", "/metadata/dxterminal/20", {})
    first, again = ask(SandboxOptions(items=50, faults=("flaky",)), flaky, flaky)
    assert (first.status_code, again.status_code) == (503, 200)
    issue: Question = ("POST", "/api/v2/auth/keys", {})
    with_first, with_second = (
        ("GET", "/api/v2/collections/dxterminal", {"x-api-key": f"sandbox-{number:024d}"})
        for number in (1, 2)
    )
    expired = ask(SandboxOptions(faults=("expired-key",)), issue, issue, with_first, with_second)
    assert [each.status_code for each in expired] == [201, 201, 401, 200]
    dead = ask(SandboxOptions(items=50, faults=("dead-hosts",)), flaky, flaky)
    assert [each.status_code for each in dead] == [503, 503]
    failing = ask(
        SandboxOptions(items=450, faults=("server-errors",)),
        ("GET", second, KEY),
        ("GET", second, KEY),
    )
    assert [each.status_code for each in failing] == [500, 200]
    shifting = walk("dxterminal", 200, SandboxOptions(items=450, faults=("shifting",)))
    listed = [nft["identifier"] for page in shifting for nft in page["nfts"]]
    assert (len(listed), len(set(listed))) == (452, 450)
    stats: Question = ("GET", "/sandbox/stats", {})
    many = ask(SandboxOptions(faults=("throttle",)), *[flaky] * 40, stats)
    assert many[-1].json()["429"] == 4
    assert set(FAULTS) - {"slow", "no-batches", "small-batches"} == {
        "cursor-loop",
        "dead-hosts",
        "expired-key",
        "flaky",
        "list-down",
        "server-errors",
        "shifting",
        "throttle",
        "truncate",
    }


def test_the_gateway_serves_pinned_documents() -> None:
    """`/ipfs/<CID>/<id>`, and nothing under another CID."""
    assert get(f"/ipfs/{CID}/3").json()["name"] == "Pin 3"
    assert get("/ipfs/QmOther/3").status_code == 404


@pytest.mark.parametrize("slug", ["dxterminal", *COLLECTIONS])
def test_expected_counts_add_up(slug: str) -> None:
    """The statuses of a collection sum up to its NFTs, and its list is as long."""
    options = SandboxOptions(items=450)
    counts = expected_counts(options, slug)

    assert sum(counts["metadata_status"].values()) == counts["nfts"]
    assert sum(len(page["nfts"]) for page in walk(slug, 200, options)) == counts["nfts"]
