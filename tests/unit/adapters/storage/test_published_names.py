"""Names of published files: documented, different, and never handed over."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.storage.published_names import published_names
from domain.manifest import Dataset, Manifest, TableVersion
from domain.schema import Schema
from tests.contracts.manifest_log_contract import AT

DATASET = Dataset("RUN1", "sample", AT, ())


def manifest(*tables: tuple[str, str]) -> Manifest:
    """Tables with one target each."""
    found: dict[str, dict[str, Dataset]] = {}
    for table, target in tables:
        found.setdefault(table, {})[target] = DATASET
    versions = {name: TableVersion(Schema(()), (), "", targets) for name, targets in found.items()}
    return Manifest(1, AT, "RUN1", versions)


def names(of: Manifest, owner: tuple[str, str] | None = None) -> dict[str, str]:
    """File name to `table/target`."""
    return {
        name: f"{claim.table}/{claim.target}"
        for name, claim in published_names(of, lambda _: owner)
    }


def test_a_file_is_named_after_target_and_table() -> None:
    """A slash in a target is not one in a path."""
    found = names(manifest(("nft.nfts", "dxterminal"), ("github.issues", "python/cpython")))

    assert found == {
        "dxterminal_nfts.parquet": "nft.nfts/dxterminal",
        "python%2Fcpython_issues.parquet": "github.issues/python/cpython",
    }


def test_of_two_domains_with_one_name_the_first_to_publish_keeps_it() -> None:
    """Though the other's name sorts before it."""
    both = manifest(("stocks.candles", "btc"), ("crypto.candles", "btc"))

    assert names(both, owner=("stocks.candles", "btc")) == {
        "btc_candles.parquet": "stocks.candles/btc",
        "crypto_btc_candles.parquet": "crypto.candles/btc",
    }
    assert names(both)["btc_candles.parquet"] == "crypto.candles/btc"


NAME = st.sampled_from(["a", "b", "a_b", "a_a", "b_a_b"])


@given(st.lists(st.tuples(st.builds("{}.{}".format, NAME, NAME), NAME), unique=True, max_size=12))
def test_each_data_set_has_a_file_of_its_own(tables: list[tuple[str, str]]) -> None:
    """However target and table names run into each other."""
    found = names(manifest(*tables))

    assert sorted(found.values()) == sorted(f"{table}/{target}" for table, target in tables)
