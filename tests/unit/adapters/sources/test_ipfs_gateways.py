"""Who is asked for content, and in which order."""

from adapters.sources.nft.ipfs_gateways import other_gateways

GATEWAYS = ("https://one.example", "https://two.example")


def test_the_gateway_that_was_asked_is_not_asked_again() -> None:
    """The others stay, in their order."""
    assert other_gateways("https://one.example/ipfs/x", GATEWAYS) == ["https://two.example"]
    assert other_gateways("https://ipfs.io/ipfs/x", GATEWAYS) == list(GATEWAYS)
    assert other_gateways("https://one.example.evil/ipfs/x", GATEWAYS) == list(GATEWAYS)
