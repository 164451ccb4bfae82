"""On which chain an NFT lives."""

import pytest

from adapters.sources.nft.chains import Chains

A, B = "0xAa", "0xbb"
PAGE = "https://opensea.io/item/base/0xaa/1"


def test_a_contract_of_the_collection_tells() -> None:
    """Addresses are compared without regard to capitals."""
    chains = Chains([(A, "ethereum"), (B, "polygon")])
    assert chains.of("0xaA", PAGE) == "ethereum"
    assert chains.of(B, None) == "polygon"


def test_the_page_tells_where_contracts_do_not() -> None:
    """A collection may list no contract at all."""
    assert Chains([]).of(A, PAGE) == "base"
    assert Chains([]).of(A, "https://opensea.io/assets/matic/0xaa/1") == "matic"


def test_the_only_chain_of_a_collection_is_the_chain() -> None:
    """Even for a contract that the collection does not list."""
    assert Chains([(A, "ethereum"), (B, "ethereum")]).of("0xcc", None) == "ethereum"


@pytest.mark.parametrize("page", [None, "", "https://opensea.io/", "https://x/assets/a b/c/d"])
def test_else_it_is_unknown(page: str | None) -> None:
    """Nothing is guessed."""
    assert Chains([]).of(A, page) is None
    assert Chains([(A, "ethereum"), (B, "base")]).of("0xcc", page) is None
    assert Chains([(A, None), (None, "base")]).of(A, page) is None


def test_one_address_on_two_chains_is_two_contracts() -> None:
    """Their NFTs must not share a key, so the chain becomes part of the name."""
    chains = Chains([(A, "ethereum"), (A.lower(), "base"), (B, "base")])
    assert chains.of(A, PAGE) == "base"
    assert chains.qualified(A, "base") == "base:0xAa"
    assert chains.qualified(A, "ethereum") == "ethereum:0xAa"
    assert chains.qualified(B, "base") == B
    assert chains.qualified(A, None) == A
    assert chains.qualified(None, "base") is None
