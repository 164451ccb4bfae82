"""The ladder of traits on an OpenSea in memory: bounded requests, every NFT once, resumable."""

import json
import random
from collections import Counter, deque
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sources.nft import rescue
from adapters.sources.opensea import SOURCE
from domain.errors import FetchError, ParseError, PermanentError, RefusedError, RetryableError
from domain.options import check_options
from domain.requests import Request
from domain.sources import Page, Window
from tests.contracts.record_shape import assert_fits
from tests.fakes.recorded_answers import answer_of

CONTRACT = "0xAb"


class OpenSea:
    """A collection whose metadata hosts are dead; it knows the traits of most NFTs."""

    def __init__(
        self,
        items: int,
        *,
        largest: int = 200,
        bad: frozenset[int] = frozenset(),
        lacks_each: int = 5,
    ) -> None:
        self.lacks_each = lacks_each
        self.items = items
        self.largest = largest
        self.bad = bad
        self.alive = False
        self.asked: Counter[str] = Counter()

    def answer(self, request: Request) -> Any:
        """A JSON value, or a status."""
        self.asked[request.kind] += 1
        if request.kind == "collection":
            contracts = [{"address": CONTRACT, "chain": "base"}]
            return {"collection": "c", "contracts": contracts, "total_supply": self.items}
        if request.kind == "page":
            return self._page(dict(request.params))
        if request.kind == "metadata":
            number = int(request.url.rsplit("/", 1)[1])
            return {"name": f"#{number}", "attributes": traits(number)} if self.alive else 404
        if request.kind == rescue.SINGLE:
            number = int(request.url.rsplit("/", 1)[1])
            return {"traits": traits(number)} if number % 10 else 404
        return self._batch(json.loads(request.content)["identifiers"])

    def _page(self, params: dict[str, str]) -> Any:
        start = int(params.get("next", "0"))
        end = min(start + int(params["limit"]), self.items)
        nfts = [
            {
                "identifier": str(number),
                "contract": CONTRACT,
                "metadata_url": f"https://dead.example/{number}",
            }
            for number in range(start, end)
        ]
        return {"nfts": nfts, "next": str(end) if end < self.items else None}

    def _batch(self, asked: list[dict[str, str]]) -> Any:
        numbers = [int(each["token_id"]) for each in asked]
        if len(numbers) > self.largest or self.bad & set(numbers):
            return 400
        return {
            "nfts": [
                {"identifier": str(each), "contract": CONTRACT.lower(), "traits": traits(each)}
                for each in numbers
                if each % self.lacks_each
            ]
        }


def traits(number: int) -> list[dict[str, object]]:
    return [{"trait_type": "Number", "value": number}, {"trait_type": "Kind", "value": "x"}]


class Walk:
    """Asks until nothing is left, in any order; every request goes through a checkpoint."""

    def __init__(self, upstream: OpenSea, seed: int = 0, **options: str) -> None:
        given = check_options(SOURCE, options, None)
        self.upstream = upstream
        self.chance = random.Random(seed)
        self.pending = deque(SOURCE.start("c", Window(), given))
        self.deferred: list[Any] = []
        self.gathered = 0
        self.nfts: dict[str, tuple[Any, ...]] = {}
        self.traits: dict[tuple[str, int], tuple[Any, ...]] = {}
        self.items = 0
        self.tallies: Counter[str] = Counter()

    def run(self) -> None:
        """To the end."""
        while self.pending or self.deferred:
            if not self.pending:
                self.gather()
                continue
            self.pending.rotate(self.chance.randrange(len(self.pending)))
            request = self.pending.popleft()
            kept = replace(request, context=json.loads(json.dumps(request.context)))
            self.take_in(self.answered(kept))

    def answered(self, request: Request) -> Page:
        answer = self.upstream.answer(request)
        if isinstance(answer, int):
            return SOURCE.failed(request, PermanentError("no", status=answer))
        return SOURCE.parse(request, answer_of(json.dumps(answer).encode()))

    def take_in(self, page: Page) -> None:
        assert_fits(SOURCE, page.records)
        assert page.items <= len(page.records.get("nfts", ()))
        for row in page.records.get("nfts", ()):
            self.nfts[str(row[3])] = row
        for row in page.records.get("traits", ()):
            self.traits[str(row[2]), int(str(row[3]))] = row[4:]
        self.items += page.items
        self.tallies.update(page.tallies)
        self.pending.extend(page.requests)
        self.deferred.extend(page.deferred)
        while len(self.deferred) >= SOURCE.gather_size:
            self.gather()

    def gather(self) -> None:
        items, self.deferred = (
            self.deferred[: SOURCE.gather_size],
            self.deferred[SOURCE.gather_size :],
        )
        before, self.gathered = self.gathered, self.gathered + len(items)
        assert SOURCE.gather is not None
        self.take_in(SOURCE.gather(items, before))


def test_batches_turn_36600_requests_into_a_few_hundred() -> None:
    """183 pages and 183 batches; of 600 an hour that is 37 minutes of quota."""
    upstream = OpenSea(36_600, lacks_each=18_300)
    walk = Walk(upstream, traits="batch", rescue="0")
    walk.run()
    assert len(walk.nfts) == walk.items == 36_600
    assert upstream.asked == {"collection": 1, "page": 183, "batch": 183, "metadata": 2}


@pytest.mark.parametrize(("largest", "batches"), [(200, 5), (100, 1 + 10), (30, 3 + 40)])
def test_the_size_is_found_out_by_the_first_batch(largest: int, batches: int) -> None:
    """Halved until it is taken, and remembered for all pages that follow."""
    upstream = OpenSea(1000, largest=largest)
    Walk(upstream, traits="batch", rescue="0").run()
    assert upstream.asked["batch"] == batches


def test_batches_that_are_never_taken_are_given_up() -> None:
    """Two attempts at finding a size; then the documents have the traits."""
    upstream = OpenSea(1000, largest=0)
    upstream.alive = True
    walk = Walk(upstream, traits="batch", rescue="0")
    walk.run()
    assert upstream.asked["batch"] == 2 * 6
    assert upstream.asked["metadata"] == len(walk.nfts) == 1000


@settings(max_examples=25, deadline=None)
@given(
    st.builds(
        OpenSea,
        st.integers(0, 450),
        largest=st.sampled_from([200, 70, 13, 0]),
        bad=st.frozensets(st.integers(0, 449), max_size=3),
    ),
    st.sampled_from(["auto", "batch"]),
    st.sampled_from([0, 1, 7, 200]),
    st.integers(0, 2**16),
)
def test_every_nft_comes_once_and_the_quota_holds(
    upstream: OpenSea, ladder: str, most: int, seed: int
) -> None:
    """Whatever the order, refused sizes and bad NFTs."""
    items = upstream.items
    walk = Walk(upstream, seed, traits=ladder, rescue=str(most))
    walk.run()
    assert walk.items == len(walk.nfts) == items
    assert upstream.asked[rescue.BATCH] + upstream.asked[rescue.SINGLE] <= most
    for name, row in walk.nfts.items():
        assert row[-2] in ("ok", "unreachable")
        assert row[-1] == (2 if row[-2] == "ok" else 0)
        assert row[-2] == "unreachable" or walk.traits[name, 0][1] == name


def test_all_rungs_tell_the_same_of_the_same_nfts() -> None:
    """Documents, batches and OpenSea's own metadata, row for row."""
    found = []
    for alive, ladder in ((True, "metadata"), (False, "batch"), (False, "auto")):
        upstream = OpenSea(99)
        upstream.alive = alive
        walk = Walk(upstream, traits=ladder, rescue="1000")
        walk.run()
        found.append({name: row for name, row in walk.traits.items() if int(name[0]) % 10})
    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 2 * 89


@pytest.mark.parametrize("kind", ["batch", "rescue", "parsed"])
def test_a_refused_key_ends_the_run(kind: str) -> None:
    """All that is left to ask would be refused as well."""
    walk = Walk(OpenSea(5), traits="batch" if kind == "batch" else "auto")
    requests: list[Request] = []
    while walk.pending or walk.deferred:
        if not walk.pending:
            walk.gather()
            continue
        request = walk.pending.popleft()
        if request.kind == kind:
            requests.append(request)
            continue
        walk.take_in(walk.answered(request))
    for request in requests:
        with pytest.raises(RefusedError):
            SOURCE.failed(request, RefusedError("no", status=401))
    assert requests


ERRORS: list[FetchError | ParseError] = [
    RetryableError("down", status=503),
    PermanentError("gone", status=404),
    PermanentError("bad", status=400),
    RefusedError("not for this key", status=403),
    ParseError("cut off"),
]


@pytest.mark.parametrize("error", ERRORS)
def test_a_batch_that_fails_leaves_its_nfts_to_their_documents(
    error: FetchError | ParseError,
) -> None:
    """None is lost."""
    walk = Walk(OpenSea(5), traits="batch")
    for _ in range(2):
        request = walk.pending.popleft()
        walk.take_in(walk.answered(request))
    batch = walk.pending.popleft()
    page = SOURCE.failed(batch, error)
    assert [each.kind for each in page.requests].count("metadata") == 5
