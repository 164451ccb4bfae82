"""The manifest: one version of everything that is published.

A manifest is written once, under its version number, and never changed.
Readers pick one version and read only the files that it names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.coverage import Coverage
from domain.errors import StorageError
from domain.schema import Schema


@dataclass(frozen=True, slots=True)
class DataFile:
    """One immutable Parquet file; `path` is relative to the data folder."""

    path: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """The current rows of one target in one table.

    Attributes:
        content: digest of the rows without provenance and volatile columns; two data sets with
            the same one say the same. Empty where it is not known.
        complete_until: for a time series, how far it is known for good, by series: where the next
            run of the series begins.
        covered: all spans of it that are known for good, also those beyond a gap, by series.
        shape: fingerprint of the columns that its files were written with. Empty where it is not
            known.
    """

    run_id: str
    source: str
    committed_at: datetime
    files: tuple[DataFile, ...]
    content: str = ""
    complete_until: Mapping[str, datetime] = field(default_factory=dict)
    covered: Mapping[str, Coverage] = field(default_factory=dict)
    shape: str = ""

    @property
    def rows(self) -> int:
        """Rows over all files."""
        return sum(file.rows for file in self.files)


@dataclass(frozen=True, slots=True)
class TableVersion:
    """One table with all its targets; `schema` holds the stored columns, provenance included."""

    schema: Schema
    key: tuple[str, ...]
    meaning: str = ""
    datasets: Mapping[str, Dataset] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that is published at one version; tables by qualified name ("nft.nfts").

    Attributes:
        run_id: the run that made it, or the first of those that made it together.
        further_runs: the others.
    """

    version: int = 0
    committed_at: datetime | None = None
    run_id: str = ""
    tables: Mapping[str, TableVersion] = field(default_factory=dict)
    further_runs: tuple[str, ...] = ()

    @property
    def runs(self) -> tuple[str, ...]:
        """All runs that made it; none made version 0."""
        return (self.run_id, *self.further_runs) if self.run_id else ()

    def dataset(self, table: str, target: str) -> Dataset | None:
        """The rows of a target in a table (qualified name); None where there are none."""
        found = self.tables.get(table)
        return found.datasets.get(target) if found else None


@dataclass(frozen=True, slots=True)
class Publication:
    """What one run wants to publish: for each qualified table its schema and new data set.

    Attributes:
        built_on: for tables that were merged, the run whose rows they were merged with; empty
            where there were none.
    """

    run_id: str
    target: str
    tables: Mapping[str, TableVersion]
    built_on: Mapping[str, str] = field(default_factory=dict)


def content_of(current: Manifest, name: str, target: str, table: TableVersion) -> str:
    """Digest of what a version says of a target in a table; empty where it cannot be compared.

    Args:
        current: the version.
        name: the table, qualified.
        target: the target.
        table: the columns and the key of today, which those of the version have to be.
    """
    before, found = current.tables.get(name), current.dataset(name, target)
    if before is None or found is None:
        return ""
    return found.content if (before.schema, before.key) == (table.schema, table.key) else ""


def says_the_same(current: Manifest, publication: Publication) -> bool:
    """Whether a version already has all that a publication would bring, row for row."""
    for name, new in publication.tables.items():
        fresh = new.datasets[publication.target].content
        if not fresh or content_of(current, name, publication.target, new) != fresh:
            return False
    return True


def conflict(current: Manifest, publication: Publication) -> StorageError | None:
    """Why a publication cannot follow a version; None when it can.

    Its rows were merged with rows that another run has replaced meanwhile.
    """
    for name, run_id in publication.built_on.items():
        found = current.dataset(name, publication.target)
        if (found.run_id if found else "") != run_id:
            message = (
                f"Another run has changed {name} of {publication.target} meanwhile. "
                "Run the command again: it goes on from what is there now."
            )
            return StorageError(message)
    return None


def next_manifest(current: Manifest, publications: Sequence[Publication], at: datetime) -> Manifest:
    """The version after `current`: the publications' targets replaced, all else kept.

    Args:
        current: the newest version.
        publications: one at least, none of which is in conflict with it, each of another target
            or of other tables.
        at: the moment of the commit.
    """
    tables = dict(current.tables)
    datasets: dict[str, dict[str, Dataset]] = {}
    for publication in publications:
        for name, new in publication.tables.items():
            if name not in datasets:
                before = tables.get(name)
                datasets[name] = dict(before.datasets) if before else {}
            shape = new.schema.fingerprint
            datasets[name].update(
                (target, replace(each, shape=shape)) for target, each in new.datasets.items()
            )
            tables[name] = new
    tables.update((name, replace(tables[name], datasets=all_)) for name, all_ in datasets.items())
    first, *further = (each.run_id for each in publications)
    return Manifest(current.version + 1, at, first, tables, tuple(further))
