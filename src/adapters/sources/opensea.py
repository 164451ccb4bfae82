"""OpenSea API v2: all NFTs of a collection, each with its metadata document.

The list holds no traits in general, and one call an NFT would exceed the quota by far: traits come
down a ladder of places, mostly from the documents that `metadata_url` names; docs/sources/nft.md
has it (https://docs.opensea.io/reference).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from adapters.sources.json_documents import read_answer
from adapters.sources.json_rows import read_rows
from adapters.sources.nft import batch_walk, metadata, near_collections, rescue
from adapters.sources.nft.batch_walk import ask_batches
from adapters.sources.nft.collection_answers import collection_record, contracts, item_total
from adapters.sources.nft.joined_pages import joined, uncounted
from adapters.sources.nft.list_pages import ASKED_ANEW, Walk, read_page
from adapters.sources.nft.listed_nfts import read_list
from adapters.sources.nft.nft_records import oddities
from adapters.sources.nft.opensea_policy import EXAMPLE, POLICY, check_collection
from adapters.sources.nft.options import PARAMETERS, NftOptions
from adapters.sources.nft.tables import COLLECTIONS, EXPECTATIONS, NFTS, TRAITS
from adapters.sources.nft.waiting_nfts import counted
from domain.errors import FetchError, ParseError, RefusedError, UsageError
from domain.requests import Request, Response
from domain.sources import Options, Page, Source, Window

_EXPIRED = frozenset({400, 410})
_BEGUN_AGAIN = "the upstream forgot where its list was being read; it was read again from the start"
_READ_TWICE = "the list held fewer items than the upstream says; it was read a second time"
_READ_IN_PART = "the list could not be read a second time to its end"
_TABLES = (NFTS, TRAITS, COLLECTIONS)
_READERS = {
    batch_walk.KIND: batch_walk.read_answer,
    rescue.BATCH: rescue.read_rescued,
    rescue.SINGLE: rescue.read_parsed,
    near_collections.KIND: near_collections.read,
}
_GIVEN_UP = {
    batch_walk.KIND: batch_walk.given_up,
    rescue.BATCH: rescue.not_rescued,
    rescue.SINGLE: rescue.not_rescued,
    near_collections.KIND: near_collections.given_up,
}


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    if window.since or window.until:
        message = "A collection is read as a whole: --since and --until do not apply to nft."
        raise UsageError(message)
    context = {"slug": target, "options": NftOptions.read(options).to_context()}
    url = f"/api/v2/collections/{target}"
    return [Request(kind="collection", url=url, context=context, cache=ASKED_ANEW)]


def _parse(request: Request, response: Response) -> Page:
    if request.kind == "metadata":
        return counted(request.context, metadata.read(request, response))
    if reader := _READERS.get(request.kind):
        return reader(request, response)
    slug = request.context["slug"]
    try:
        document = read_rows(response.body) or read_answer(response)
    except ParseError as error:
        message = f"The answer for {slug} cannot be read: {error}."
        raise ParseError(message) from error
    if request.kind == "collection":
        page = _read_collection(request, document.value)
    else:
        page = _read_list(request, document.value, len(response.body))
    return replace(page, notes=(*page.notes, *odd)) if (odd := oddities(document)) else page


def _read_collection(request: Request, answer: Any) -> Page:
    slug = request.context["slug"]
    options = NftOptions.from_context(request.context["options"])
    record = collection_record(answer, slug)
    total = item_total(answer)
    walk = Walk(slug, options, contracts(answer), total)
    requests = () if walk.left == 0 else (walk.request(),)
    return Page(records={"collections": [record]}, requests=requests, total=total)


def _read_list(request: Request, answer: Any, size: int) -> Page:
    walk = Walk.from_context(request.context)
    found, cursor = read_page(answer, walk.slug)
    found, chains = found[: walk.left], walk.chains
    notes: tuple[str, ...] = ()
    if cursor is not None:
        following = walk.following(cursor, found)
    elif following := walk.second_pass(found):
        notes = (_READ_TWICE,)
    known, items = walk.uncounted(len(found)), 0
    if walk.has_seen(found):
        items, found = len(found) - known, ()
    page = read_list(found[known:], walk.slug, chains, walk.options, size)
    if known:
        again = read_list(found[:known], walk.slug, chains, walk.options, size)
        page = joined([uncounted(again), page])
    return replace(
        page,
        requests=[*page.requests, *ask_batches(walk, page.deferred, following)],
        items=page.items + items,
        notes=(*notes, *page.notes),
        deferred=(),
    )


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    if request.kind == "metadata":
        return counted(request.context, metadata.given_up(request, error))
    if given_up := _GIVEN_UP.get(request.kind):
        return given_up(request, error)
    status = getattr(error, "status", None)
    if request.kind == "page":
        walk = Walk.from_context(request.context)
        if status in _EXPIRED and (again := walk.begun_again()):
            return Page(requests=(again,), notes=(_BEGUN_AGAIN,))
        if walk.second and not isinstance(error, RefusedError):
            return Page(notes=(_READ_IN_PART,))
    if request.kind == "collection":
        slug = request.context["slug"]
        if page := near_collections.search_for(slug, error):
            return page
    raise error


SOURCE = Source(
    name="opensea",
    domain="nft",
    title="OpenSea: collections, NFTs and their traits",
    example_target=EXAMPLE,
    tables=_TABLES,
    policy=POLICY,
    check_target=check_collection,
    start=_start,
    parse=_parse,
    failed=_failed,
    takes=frozenset(),
    parameters=PARAMETERS,
    expectations=EXPECTATIONS,
    carries_pages=True,
    gather=rescue.gather,
    gather_size=rescue.TOGETHER,
)
