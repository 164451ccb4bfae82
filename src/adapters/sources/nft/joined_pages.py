"""What several NFTs make of one answer, put together."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from domain.requests import Request
from domain.sources import Failure, Page
from domain.tables import Record

AGAIN = "again"
"""Member of a request's context, and of a waiting NFT: it was counted before."""


def joined(pages: Iterable[Page]) -> Page:
    """All of them as one page, in order."""
    nfts: list[Record] = []
    traits: list[Record] = []
    requests: list[Request] = []
    failures: list[Failure] = []
    deferred: list[Any] = []
    notes: dict[str, None] = {}
    tallies: Counter[str] = Counter()
    items = 0
    for page in pages:
        nfts += page.records.get("nfts", ())
        traits += page.records.get("traits", ())
        requests += page.requests
        failures += page.failures
        deferred += page.deferred
        notes |= dict.fromkeys(page.notes)
        items += page.items
        for name, count in page.tallies.items():
            tallies[name] += count
    return Page(
        records={"nfts": nfts, "traits": traits},
        requests=requests,
        failures=failures,
        items=items,
        notes=tuple(notes),
        tallies=tallies,
        deferred=deferred,
    )


def uncounted(page: Page) -> Page:
    """The same for an NFT that stands where one was counted before, with or without a failure."""
    requests = [
        replace(request, context={**request.context, AGAIN: True}) for request in page.requests
    ]
    deferred = [{**item, AGAIN: True} for item in page.deferred]
    return replace(page, requests=requests, deferred=deferred, failures=(), items=0, tallies={})
