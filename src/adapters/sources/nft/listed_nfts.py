"""The NFTs of a list answer (Nft)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.sources.json_documents import MAX_TEXT, flag, text
from adapters.sources.nft.chains import Chains
from adapters.sources.nft.data_uris import is_data_uri
from adapters.sources.nft.joined_pages import joined
from adapters.sources.nft.metadata import question
from adapters.sources.nft.nft_names import nft_name
from adapters.sources.nft.nft_records import (
    LISTED,
    Listed,
    finished,
    first_link,
    link,
    without_metadata,
)
from adapters.sources.nft.options import NftOptions
from adapters.sources.nft.traits import list_traits
from domain.errors import ParseError
from domain.requests import Request
from domain.sources import Page

_EMBEDDABLE = "metadata_url"  # a whole document may stand in it
_TOO_LONG = f"a text longer than {MAX_TEXT} characters"


def read_list(
    items: Sequence[Any], slug: str, chains: Chains, options: NftOptions, size: int
) -> Page:
    """The NFTs of a list answer, each finished, asked about, or deferred, to go into a batch.

    Traits in the list are as good as the document's and spare it. An item that is no object
    becomes a record without an identifier, which the checks of the table keep out with a reason.

    Args:
        items: as the answer has them.
        slug: of the collection.
        chains: of its contracts.
        options: of the walk.
        size: bytes of the answer.
    """
    requests: list[Request] = []
    others: list[Page] = []
    for item in items:
        nft: dict[str, Any] = item if type(item) is dict else {}
        if size > MAX_TEXT and (long := _long_texts(nft)):
            others.append(_without(long, nft, slug, chains))
            continue
        found = _read(nft, slug, chains, options)
        if isinstance(found, Request):
            requests.append(found)
        else:
            others.append(found)
    return replace(joined(others), requests=requests)


def _long_texts(nft: Mapping[str, Any]) -> list[str]:
    """Names of members that are too long to be kept."""
    return [
        name
        for name, value in nft.items()
        if type(value) is str and len(value) > MAX_TEXT and name != _EMBEDDABLE
    ]


def _without(long: Collection[str], nft: Mapping[str, Any], slug: str, chains: Chains) -> Page:
    shorter = {name: value for name, value in nft.items() if name not in long}
    return without_metadata(_columns(shorter, None, slug, chains), "invalid", _TOO_LONG)


def _read(nft: Mapping[str, Any], slug: str, chains: Chains, options: NftOptions) -> Request | Page:
    uri = text(nft.get(_EMBEDDABLE))
    listed = _columns(nft, uri, slug, chains)
    try:
        traits = list_traits(nft.get("traits"))
    except ParseError as error:
        return without_metadata(listed, "invalid", str(error))
    if traits:
        return finished(listed, "ok", traits, LISTED)
    return _asked(listed, uri, options)


def _columns(nft: Mapping[str, Any], uri: str | None, slug: str, chains: Chains) -> Listed:
    opensea_url = link(nft.get("opensea_url"))
    contract, chain = chains.placed(text(nft.get("contract")), opensea_url)
    return [
        text(nft.get("collection")) or slug,
        contract,
        chain,
        text(nft.get("identifier")),
        text(nft.get("name")),
        text(nft.get("description")),
        text(nft.get("token_standard")),
        first_link(nft, "image_url", "display_image_url", "original_image_url"),
        first_link(nft, "animation_url", "display_animation_url", "original_animation_url"),
        link(uri),
        opensea_url,
        flag(nft.get("is_disabled")),
        flag(nft.get("is_nsfw")),
    ]


def _asked(listed: Listed, uri: str | None, options: NftOptions) -> Request | Page:
    """What becomes of an NFT whose list entry has no traits."""
    _, contract, _, identifier = listed[:4]
    if options.traits == "batch" and _goes_into_a_batch(listed, uri):
        return Page(deferred=[{"nft": listed}])
    if uri is None or identifier is None or contract is None:
        return finished(listed, "none")
    if options.traits == "list" and not is_data_uri(uri):
        return finished(listed, None)
    return question(listed, uri, identifier, options.gateways, options.rescue)


def _goes_into_a_batch(listed: Listed, uri: str | None) -> bool:
    """A document that the list embeds needs none, and one at a bad address is a failure."""
    asked_for = uri is None or (listed[9] is not None and not is_data_uri(uri))
    return asked_for and nft_name(listed) is not None
