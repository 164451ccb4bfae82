"""The last rung: what OpenSea itself knows of NFTs whose metadata host is dead.

They are deferred until many can be asked for in one batch; what a batch does not have is asked for
one by one (`GET /api/v2/metadata/{chain}/{contract}/{id}`, AssetMetadataResponse). All these calls
come out of the quota, so a run makes at most `-p rescue=N` of them: half of N for the first hundred
NFTs, and one batch for each further hundred as long as the other half lasts.
"""

from collections.abc import Sequence

from adapters.sources.json_documents import read_answer
from adapters.sources.nft.batch_answers import (
    batch_request,
    described_by,
    halves,
    is_too_large,
    read_batch,
)
from adapters.sources.nft.joined_pages import joined
from adapters.sources.nft.list_pages import ASKED_ANEW
from adapters.sources.nft.nft_names import nft_name
from adapters.sources.nft.nft_records import described, without_metadata
from adapters.sources.nft.waiting_nfts import Waiting, counted
from domain.errors import FetchError, ParseError
from domain.requests import METADATA_BYTES, Request, Response
from domain.sources import Page

BATCH = "rescue"
SINGLE = "parsed"
TOGETHER = 100
"""NFTs that are deferred before they are asked for."""

_PARSED = {"NFTs with the traits of OpenSea's own metadata": 1}
_KEY_REFUSED = 401
_NOT_ABOUT_THE_UPSTREAM = frozenset({400, 403, 404, 405, 413, 414, 422, 501})


def gather(items: Sequence[Waiting], before: int) -> Page:
    """Ask for NFTs that were deferred, of which there were `before` earlier in the run."""
    most: int = items[0]["rescue"]
    first = (most + 1) // 2
    number = before // TOGETHER
    allowance = first if number == 0 else int(number <= most - first)
    items = sorted(items, key=_order)  # the same answers are found again in the cache
    if allowance == 0:
        return joined(map(_dead, items))
    fresh = [item for item in items if not item.get("batched")]
    known = [item for item in items if item.get("batched")]
    if not fresh:
        return _one_by_one(known, allowance)
    apart = min(len(known), (allowance - 1) // 2)
    page = _one_by_one(known, apart)
    return joined([Page(requests=[_batch(fresh, allowance - apart)]), page])


def read_rescued(request: Request, response: Response) -> Page:
    """The NFTs that the batch has; the others one by one, as far as that is allowed.

    Raises:
        ParseError: the answer is not a batch.
    """
    found = read_batch(response)
    pages, missing = [], []
    for item in request.context["items"]:
        if page := described_by(found, item, empty=False):
            pages.append(counted(item, page))
        else:
            missing.append(item)
    return joined([*pages, _one_by_one(missing, request.context["allowance"] - 1)])


def read_parsed(request: Request, response: Response) -> Page:
    """The NFT as OpenSea has read it; no traits at all say nothing about a dead host.

    Raises:
        ParseError: the answer is not a description of an NFT.
    """
    item = request.context["item"]
    document = read_answer(response)
    page = described(item["nft"], document, _PARSED)
    return counted(item, page) if page.records.get("traits") else _dead(item)


def not_rescued(request: Request, error: FetchError | ParseError) -> Page:
    """NFTs that OpenSea cannot help with stay as they are: unreachable.

    Raises:
        RefusedError: the key is refused.
    """
    status = getattr(error, "status", None)
    if status == _KEY_REFUSED:
        raise error
    if request.kind == SINGLE:
        return _dead(request.context["item"])
    items, left = request.context["items"], request.context["allowance"] - 1
    if is_too_large(error) and len(items) > 1 and left > 1:
        one, other = halves(items)
        return Page(requests=[_batch(one, left - left // 2), _batch(other, left // 2)])
    return _one_by_one(items, left if status in _NOT_ABOUT_THE_UPSTREAM else 0)


def _one_by_one(items: Sequence[Waiting], allowance: int) -> Page:
    """A request for each of the first ones; the others stay unreachable."""
    asked = [_single(item) for item in items[:allowance]]
    return joined([Page(requests=asked), *map(_dead, items[allowance:])])


def _batch(items: Sequence[Waiting], allowance: int) -> Request:
    """`allowance` counts the requests that it may lead to, with itself."""
    return batch_request(BATCH, items, {"items": list(items), "allowance": allowance})


def _single(item: Waiting) -> Request:
    chain, contract, identifier = nft_name(item["nft"]) or ("", "", "")
    return Request(
        kind=SINGLE,
        url=f"/api/v2/metadata/{chain}/{contract}/{identifier}",
        context={"item": item},
        cache=ASKED_ANEW,
        max_bytes=METADATA_BYTES,
    )


def _dead(item: Waiting) -> Page:
    return counted(item, without_metadata(item["nft"], "unreachable", item["reason"]))


def _order(item: Waiting) -> list[str]:
    return [str(value) for value in item["nft"][1:4]]
