"""What a faultless ingest of a collection must publish."""

from collections import Counter
from typing import TypedDict

from entrypoints.sandbox.collections import collection_items
from entrypoints.sandbox.options import SandboxOptions


class ExpectedCounts(TypedDict):
    """Rows by table, and NFTs by `metadata_status`."""

    nfts: int
    traits: int
    metadata_status: dict[str, int]


def expected_counts(options: SandboxOptions, slug: str) -> ExpectedCounts:
    """The counts of a collection; KeyError for an unknown slug."""
    items = collection_items(options, slug)
    if items is None:
        raise KeyError(slug)
    return ExpectedCounts(
        nfts=len(items),
        traits=sum(item.traits for item in items),
        metadata_status=dict(Counter(item.status for item in items)),
    )
