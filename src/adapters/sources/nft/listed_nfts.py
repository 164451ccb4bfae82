"""The NFTs of a list answer (Nft)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.sources.json_documents import MAX_TEXT
from adapters.sources.nft.chains import Chains
from adapters.sources.nft.data_uris import is_data_uri
from adapters.sources.nft.joined_pages import joined
from adapters.sources.nft.listed_columns import listed_columns, named, texts
from adapters.sources.nft.metadata import question
from adapters.sources.nft.nft_names import nft_name
from adapters.sources.nft.nft_records import (
    LISTED,
    Listed,
    finished,
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
    nfts: list[dict[str, Any]] = [item if type(item) is dict else {} for item in items]
    long = {at for at, nft in enumerate(nfts) if size > MAX_TEXT and _long_texts(nft)}
    for at in long:
        nfts[at] = _shortened(nfts[at])
    uris = texts(named(nfts, _EMBEDDABLE))
    listed_nfts = listed_columns(nfts, slug, chains, uris)
    requests: list[Request] = []
    others: list[Page] = []
    for at, (nft, listed, uri) in enumerate(zip(nfts, listed_nfts, uris, strict=True)):
        if at in long:
            others.append(without_metadata(listed, "invalid", _TOO_LONG))
            continue
        found = _read(nft, listed, uri, options)
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


def _shortened(nft: Mapping[str, Any]) -> dict[str, Any]:
    left_out = {_EMBEDDABLE, *_long_texts(nft)}
    return {name: value for name, value in nft.items() if name not in left_out}


def _read(
    nft: Mapping[str, Any], listed: Listed, uri: str | None, options: NftOptions
) -> Request | Page:
    if found := nft.get("traits"):
        try:
            traits = list_traits(found)
        except ParseError as error:
            return without_metadata(listed, "invalid", str(error))
        if traits:
            return finished(listed, "ok", traits, LISTED)
    return _asked(listed, uri, options)


def _asked(listed: Listed, uri: str | None, options: NftOptions) -> Request | Page:
    """What becomes of an NFT whose list entry has no traits."""
    contract, identifier = listed[1], listed[3]
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
