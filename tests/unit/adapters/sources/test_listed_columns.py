"""Columns of many NFTs at once are what each NFT has for itself."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from adapters.sources.json_documents import ExactNumber, flag, text
from adapters.sources.nft.chains import Chains
from adapters.sources.nft.listed_columns import listed_columns, named, texts
from adapters.sources.nft.nft_records import first_link, link

_CHAINS = Chains([["0xA", "base"], ["0xB", "base"], ["0xB", "ethereum"]])
_URL = "https://opensea.io/item/ethereum/0xB/1"


def _number(written: str) -> ExactNumber:
    number = ExactNumber(written)
    number.text = written
    return number


_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", "0xA", "0xb", _URL, "l" * 2048, "l" * 2049, True, False, 7, _number("1e2"), []]
)
_NAMES = (
    *("collection", "contract", "identifier", "name", "description", "token_standard"),
    *("image_url", "display_image_url", "original_image_url", "animation_url"),
    *("display_animation_url", "original_animation_url", "metadata_url", "opensea_url"),
    *("is_disabled", "is_nsfw"),
)


def _expected(nft: dict[str, Any]) -> list[Any]:
    page = link(nft.get("opensea_url"))
    return [
        text(nft.get("collection")) or "slug",
        *_CHAINS.placed(text(nft.get("contract")), page),
        *[text(nft.get(name)) for name in ("identifier", "name", "description", "token_standard")],
        first_link(nft, "image_url", "display_image_url", "original_image_url"),
        first_link(nft, "animation_url", "display_animation_url", "original_animation_url"),
        link(text(nft.get("metadata_url"))),
        page,
        flag(nft.get("is_disabled")),
        flag(nft.get("is_nsfw")),
    ]


_USUAL = st.fixed_dictionaries({name: st.just("x") for name in _NAMES[:6]})
_ANY = st.dictionaries(st.sampled_from(_NAMES), _VALUES)


@given(st.lists(_USUAL | _ANY, max_size=4))
def test_each_nft_is_read_for_itself(nfts: list[dict[str, Any]]) -> None:
    """Whatever stands beside it."""
    uris = texts(named(nfts, "metadata_url"))

    assert repr(listed_columns(nfts, "slug", _CHAINS, uris)) == repr([*map(_expected, nfts)])
