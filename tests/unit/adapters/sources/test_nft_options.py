"""What `-p name=value` may say."""

import json

import pytest

from adapters.sources.nft.options import PARAMETERS, NftOptions
from adapters.sources.opensea import SOURCE
from domain.errors import UsageError
from domain.options import check_options


def test_defaults_are_options() -> None:
    """What help shows is what happens without `-p`."""
    assert NftOptions.read(check_options(SOURCE, {}, None)) == NftOptions.read({})
    assert {parameter.name for parameter in PARAMETERS} == {
        *("traits", "rescue", "metadata", "ipfs_gateways")
    }


def test_gateways_are_origins() -> None:
    """Written as people write them; none is asked twice."""
    given = " ipfs.io/ , https://dweb.link/ipfs,http://127.0.0.1:8080,ipfs.io,"
    options = NftOptions.read({"ipfs_gateways": given})
    assert options.gateways == ("https://ipfs.io", "https://dweb.link", "http://127.0.0.1:8080")


@pytest.mark.parametrize(
    "given", ["", " , ", "ftp://x", "https://", "https://x:99999", "https://u@x", "https://x?a=1"]
)
def test_other_gateways_are_refused(given: str) -> None:
    """The message says what a gateway looks like."""
    with pytest.raises(UsageError, match=r"https://ipfs\.io"):
        NftOptions.read({"ipfs_gateways": given})


def test_an_unknown_metadata_mode_is_refused() -> None:
    """The message names the ones that exist."""
    with pytest.raises(UsageError, match="use auto or skip"):
        NftOptions.read({"metadata": "never"})


def test_options_survive_a_checkpoint() -> None:
    """They travel in the context of requests."""
    options = NftOptions.read({"metadata": "skip", "limit": "5"})
    assert NftOptions.from_context(json.loads(json.dumps(options.to_context()))) == options
