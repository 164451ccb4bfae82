"""The rung of batches: `-p traits=batch`, a list page at a time.

OpenSea documents no largest batch. The first batch of a run finds it out: it is halved as long as
it is refused, and only then the next list page is asked for, with what was found in its context.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.sources.nft.batch_answers import (
    batch_request,
    described_by,
    halves,
    is_too_large,
    read_batch,
)
from adapters.sources.nft.joined_pages import joined
from adapters.sources.nft.list_pages import PAGE_SIZE, Walk
from adapters.sources.nft.options import NftOptions
from adapters.sources.nft.waiting_nfts import Waiting, ask_document, counted
from domain.errors import FetchError, ParseError
from domain.requests import Request, Response
from domain.sources import Page

KIND = "batch"
SMALLEST = 12
"""NFTs in a batch; one that is refused is not halved any further."""

_NO_SUCH_ROUTE = frozenset({403, 404, 405, 501})
_KEY_REFUSED = 401
_NO_BATCHES = "OpenSea refused every batch; traits come from the metadata documents"


def ask_batches(walk: Walk, items: Sequence[Waiting], following: Request | None) -> list[Request]:
    """The requests after a list page of which `items` are still to be described."""
    if not items:
        return [following] if following else []
    if walk.batch is None:
        then = None
        if following:
            then = {"walk": following.context, "cursor": dict(following.params).get("next")}
        return [_probe(items, PAGE_SIZE, then, walk.options, chances=1)]
    requests = [*_batches(items, walk.batch, walk.options)]
    return [*requests, following] if following else requests


def read_answer(request: Request, response: Response) -> Page:
    """The NFTs that the batch has; the others go on to their documents.

    Raises:
        ParseError: the answer is not a batch.
    """
    context = request.context
    options = NftOptions.from_context(context["options"])
    found = read_batch(response)
    pages = []
    for item in _asked(context):
        page = described_by(found, item, empty=True)
        pages.append(counted(item, page) if page else ask_document(item, options))
    page = joined(pages)
    if "size" not in context:
        return page
    rest = context["items"][context["size"] :]
    requests = [*page.requests, *_batches(rest, context["size"], options)]
    if following := _following(context, context["size"]):
        requests.append(following)
    return replace(page, requests=requests)


def given_up(request: Request, error: FetchError | ParseError) -> Page:
    """A refused batch in halves; else its NFTs go on to their documents.

    Raises:
        RefusedError: the key is refused.
    """
    context = request.context
    if getattr(error, "status", None) == _KEY_REFUSED:
        raise error
    options = NftOptions.from_context(context["options"])
    if "size" in context:
        return _probe_again(context, error, options)
    items = context["items"]
    if is_too_large(error) and len(items) > SMALLEST:
        return Page(requests=[_batch(half, options) for half in halves(items)])
    return joined(ask_document(item, options) for item in items)


def _probe_again(
    context: Mapping[str, Any], error: FetchError | ParseError, options: NftOptions
) -> Page:
    asked, items, chances = _asked(context), context["items"], context["chances"]
    too_large = is_too_large(error)
    if too_large and len(asked) > SMALLEST:
        size = (len(asked) + 1) // 2
        return Page(requests=[_probe(items, size, context["then"], options, chances)])
    rest = items[len(asked) :]
    if too_large and chances and rest:  # one of these NFTs may be what was refused
        page = joined(ask_document(item, options) for item in asked)
        probe = _probe(rest, PAGE_SIZE, context["then"], options, chances - 1)
        return replace(page, requests=[*page.requests, probe])
    page = joined(ask_document(item, options) for item in items)
    off = too_large or getattr(error, "status", None) in _NO_SUCH_ROUTE
    following = _following(context, None, off=off)
    requests = [*page.requests, following] if following else page.requests
    notes = [*page.notes, _NO_BATCHES] if off else page.notes
    return replace(page, requests=requests, notes=notes)


def _asked(context: Mapping[str, Any]) -> Sequence[Waiting]:
    items: Sequence[Waiting] = context["items"]
    return items[: context.get("size", len(items))]


def _following(
    context: Mapping[str, Any], size: int | None, *, off: bool = False
) -> Request | None:
    """The list page that waited for the probe, with what it found out."""
    if (then := context["then"]) is None:
        return None
    walk = replace(Walk.from_context(then["walk"]), batch=size)
    if off:
        walk = replace(walk, options=replace(walk.options, traits="auto"))
    return walk.request(then["cursor"])


def _probe(
    items: Sequence[Waiting],
    size: int,
    then: Mapping[str, Any] | None,
    options: NftOptions,
    chances: int,
) -> Request:
    context = {
        "items": list(items),
        "size": size,
        "then": then,
        "chances": chances,
        "options": options.to_context(),
    }
    return batch_request(KIND, items[:size], context)


def _batch(items: Sequence[Waiting], options: NftOptions) -> Request:
    context = {"items": list(items), "options": options.to_context()}
    return batch_request(KIND, items, context)


def _batches(items: Sequence[Waiting], size: int, options: NftOptions) -> Iterator[Request]:
    for start in range(0, len(items), size):
        yield _batch(items[start : start + size], options)
