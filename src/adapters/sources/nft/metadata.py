"""Metadata documents: whether and where to ask, and what to do when a host fails."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from adapters.sources.json_documents import read_answer
from adapters.sources.nft.addresses import Address, is_plain, other_address
from adapters.sources.nft.content_ids import matches
from adapters.sources.nft.data_uris import is_data_uri, read_data_uri
from adapters.sources.nft.ipfs_gateways import gateway_url, ipfs_identity, other_gateways
from adapters.sources.nft.nft_names import nft_name
from adapters.sources.nft.nft_records import (
    Listed,
    described,
    described_as_usual,
    without_metadata,
)
from adapters.sources.nft.usual_documents import read_usual
from domain.errors import FetchError, HostileError, ParseError
from domain.frozen import maker
from domain.requests import METADATA_BYTES, CacheMode, CachePolicy, Request, Response, Trust
from domain.sources import Page

_ACCEPT = "application/json, */*;q=0.1"
_IMMUTABLE = CachePolicy(CacheMode.IMMUTABLE)
_REFRESH = CachePolicy(CacheMode.REFRESH)
_LONGEST_REASON = 80
_KEPT = ("nft", "rescue", "batched")
_SUCCESS = range(200, 300)
_asking = maker(Request)


def question(
    listed: Listed,
    uri: str,
    token_id: str,
    gateways: Sequence[str],
    rescue: int = 0,
    *,
    batched: bool = False,
) -> Request | Page:
    """The request for an NFT's document; or the finished NFT, where nothing need be asked.

    Args:
        listed: its columns up to now.
        uri: where the document lies.
        token_id: of the NFT.
        gateways: origins of IPFS gateways.
        rescue: most requests of a run about NFTs whose host is dead; 0: they stay as they are.
        batched: a batch was asked for it in vain.
    """
    address = None
    if not is_plain(uri):
        try:
            if is_data_uri(uri):
                return described(listed, read_data_uri(uri))
            address = other_address(uri, token_id, gateways)
        except ParseError as error:
            return without_metadata(listed, "invalid", str(error))
    context: dict[str, Any] = {"nft": listed}
    if rescue:
        context["rescue"] = rescue
        if batched:
            context["batched"] = True
    if address is None:
        return _asking(
            kind="metadata",
            url=uri,
            trust=Trust.UNTRUSTED,
            context=context,
            accept=_ACCEPT,
            max_bytes=METADATA_BYTES,
        )
    return _request(context, address, gateways)


def _as_page[**P](asking: Callable[P, Request | Page]) -> Callable[P, Page]:
    def page(*args: P.args, **kwargs: P.kwargs) -> Page:
        found = asking(*args, **kwargs)
        return Page(requests=[found]) if isinstance(found, Request) else found

    return page


ask = _as_page(question)
"""What `question` says, as a page."""


def _request(context: dict[str, Any], address: Address, gateways: Sequence[str]) -> Request:
    if address.ipfs_path:
        context["path"] = address.ipfs_path
        context["gateways"] = other_gateways(address.url, gateways)
    return _asking(
        kind="metadata",
        url=address.url,
        trust=Trust.UNTRUSTED,
        context=context,
        cache=_IMMUTABLE if address.identity else None,
        identity=address.identity,
        accept=_ACCEPT,
        max_bytes=METADATA_BYTES,
    )


def read(request: Request, response: Response) -> Page:
    """The finished NFT; its status is `invalid` when the document cannot be read.

    A page of HTML or nothing at all says that an IPFS gateway failed, and bytes that are not
    what the CID names that it lies: the next one is asked.
    """
    listed: Listed = request.context["nft"]
    path = request.context.get("path")
    if path and matches(path, response.body) is False:
        if following := _next_gateway(request, _REFRESH):
            return Page(requests=[following])
        return without_metadata(listed, "refused", "not the content that the CID names")
    if usual := read_usual(response.body):
        return described_as_usual(listed, usual)
    try:
        document = read_answer(response)
        return described(listed, document)
    except ParseError as error:
        failed = response.body.lstrip()[:1] in (b"", b"<")
        if failed and (following := _next_gateway(request, _REFRESH)):
            return Page(requests=[following])
        return without_metadata(listed, "invalid", str(error))


def given_up(request: Request, error: FetchError | ParseError) -> Page:
    """The next IPFS gateway, or the NFT without its document, or put off until it is rescued."""
    listed: Listed = request.context["nft"]
    if isinstance(error, ParseError):
        return without_metadata(listed, "invalid", str(error)[:_LONGEST_REASON])
    answered = error.status in _SUCCESS  # with something that is no document
    named = error.status is not None and not answered
    reason = f"HTTP {error.status}" if named else error.reason[:_LONGEST_REASON]
    if isinstance(error, HostileError):
        return without_metadata(listed, "refused", reason)
    if following := _next_gateway(request):
        return Page(requests=[following])
    if answered or not request.context.get("rescue") or nft_name(listed) is None:
        return without_metadata(listed, "invalid" if answered else "unreachable", reason)
    waiting = {name: request.context[name] for name in _KEPT if name in request.context}
    return Page(deferred=[{**waiting, "reason": reason}])


def _next_gateway(request: Request, cache: CachePolicy | None = None) -> Request | None:
    """The same document, of the next gateway.

    What a gateway delivered may be kept under the content's identity. Where it is wrong, all
    that follow are asked with `_REFRESH`, so that the right bytes take its place.
    """
    gateways: Sequence[str] = request.context.get("gateways", ())
    if not gateways:
        return None
    path = request.context["path"]
    return replace(
        request,
        url=gateway_url(gateways[0], path),
        context={**request.context, "gateways": gateways[1:]},
        identity=ipfs_identity(path),
        cache=cache or (_REFRESH if request.cache == _REFRESH else _IMMUTABLE),
    )
