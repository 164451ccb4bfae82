"""File names of published tables."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from adapters.storage.data_folder import file_name
from domain.manifest import Dataset, Manifest


@dataclass(frozen=True, slots=True)
class Claim:
    """A data set that is published as a file; `table` is qualified."""

    table: str
    target: str
    dataset: Dataset

    @property
    def name(self) -> str:
        """The documented name, `<target>_<table>.parquet`."""
        return f"{file_name(self.target)}_{self.table.partition('.')[2]}.parquet"


def published_names(
    manifest: Manifest, owner_of: Callable[[str], tuple[str, str] | None]
) -> Iterator[tuple[str, Claim]]:
    """A name for each data set, all of them different.

    Where two claim one name, it stays with the table and target that have it already
    (`owner_of`, asked only then), and the other's file is `<domain>_<target>_<table>.parquet`:
    a file that people read never becomes one of another domain.
    """
    claims: dict[str, list[Claim]] = {}
    for table, version in sorted(manifest.tables.items()):
        for target, dataset in sorted(version.datasets.items()):
            claim = Claim(table, target, dataset)
            claims.setdefault(claim.name, []).append(claim)
    losers: list[Claim] = []
    for name, claimants in claims.items():
        owner = owner_of(name) if len(claimants) > 1 else None
        winner = next((each for each in claimants if (each.table, each.target) == owner), None)
        winner = winner or claimants[0]
        yield name, winner
        losers.extend(each for each in claimants if each is not winner)
    taken = set(claims)
    for claim in losers:
        name = claim.name
        while name in taken:
            name = f"{claim.table.partition('.')[0]}_{name}"
        taken.add(name)
        yield name, claim
