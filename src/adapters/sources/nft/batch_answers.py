"""`POST /api/v2/nfts/batch` (BatchNftsRequest, NftBatchResponse): many NFTs for one request."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.sources.json_documents import decode_answer, encode, text
from adapters.sources.nft.chains import Chains
from adapters.sources.nft.collection_answers import upstream_words
from adapters.sources.nft.list_pages import ASKED_ANEW
from adapters.sources.nft.nft_names import nft_name
from adapters.sources.nft.nft_records import filled, finished, first_link, link
from adapters.sources.nft.traits import list_traits
from adapters.sources.nft.waiting_nfts import Waiting
from domain.errors import FetchError, ParseError
from domain.requests import Request, Response
from domain.sources import Page

URL = "/api/v2/nfts/batch"
BATCHED = {"NFTs with the traits of a batch answer": 1}
_REFUSED_SIZES = frozenset({400, 413, 414, 422})
_NO_CONTRACTS = Chains(())

type Found = Mapping[tuple[str | None, str, str], dict[str, Any]]


def batch_request(kind: str, items: Sequence[Waiting], context: Mapping[str, Any]) -> Request:
    """The question for some NFTs; all of them have a name.

    The POST changes nothing: it may be repeated, and is kept by its body for `--offline`.
    """
    names = [name for item in items if (name := nft_name(item["nft"]))]
    body = {
        "identifiers": [
            {"chain": chain, "contract_address": contract, "token_id": token_id}
            for chain, contract, token_id in names
        ]
    }
    return Request(
        kind=kind,
        url=URL,
        method="POST",
        content=encode(body).encode(),
        headers=(("content-type", "application/json"),),
        repeatable=True,
        cache=ASKED_ANEW,
        context=context,
    )


def is_too_large(error: FetchError | ParseError) -> bool:
    """Whether a batch was perhaps refused for its size; one bad NFT in it looks the same."""
    return getattr(error, "status", None) in _REFUSED_SIZES


def halves(items: Sequence[Waiting]) -> tuple[Sequence[Waiting], Sequence[Waiting]]:
    """The first half, and the rest."""
    middle = (len(items) + 1) // 2
    return items[:middle], items[middle:]


def read_batch(response: Response) -> Found:
    """The NFTs of an answer; those that OpenSea does not know are left out of it.

    Raises:
        ParseError: the answer is not a batch.
    """
    answer = decode_answer(response)
    if type(answer) is not dict or type(answer.get("nfts")) is not list:
        message = f"The answer is not a batch of NFTs{upstream_words(answer)}."
        raise ParseError(message)
    found = {}
    for each in answer["nfts"]:
        if type(each) is dict:
            chain = _NO_CONTRACTS.of(None, link(each.get("opensea_url")))
            contract, identifier = text(each.get("contract")), text(each.get("identifier"))
            if contract and identifier:
                found[chain, contract.lower(), identifier] = each
    return found


def described_by(found: Found, item: Waiting, *, empty: bool) -> Page | None:
    """The finished NFT; None where the batch does not have it or does not tell its traits.

    Args:
        found: what the batch answer has.
        item: the NFT that is looked for.
        empty: no traits at all is an answer too.
    """
    listed = item["nft"]
    chain, contract, identifier = nft_name(listed) or ("", "", "")
    contract = contract.lower()
    nft = found.get((chain, contract, identifier)) or found.get((None, contract, identifier))
    if nft is None or type(nft.get("traits")) is not list:  # null: more than 50 of them
        return None
    try:
        traits = list_traits(nft["traits"])
        members = {
            **nft,
            "image": first_link(nft, "image_url", "display_image_url", "original_image_url"),
            "animation_url": first_link(
                nft, "animation_url", "display_animation_url", "original_animation_url"
            ),
        }
        whole = filled(listed, members)
    except ParseError:
        return None
    return finished(whole, "ok", traits, BATCHED) if traits or empty else None
