"""A version in a line: what remains to be said of it when nobody wants its files."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.errors import NotFoundError
from domain.manifest import Manifest

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One version of the catalog, and what its run brought; or its runs, if several made it.

    Attributes:
        run_id: the run, or the first of several.
        domain, target: what the run was of; empty where the version does not say, and the target
            where several runs were of different ones.
        tables: qualified names of the tables that got rows.
        rows: rows of the targets in these tables, those that were there before included.
        bytes: length of the files that the version has and the one before had not.
        further_runs: the other runs.
    """

    version: int
    committed_at: datetime
    run_id: str
    domain: str
    target: str
    tables: tuple[str, ...]
    rows: int
    bytes: int
    further_runs: tuple[str, ...] = ()

    @property
    def runs(self) -> tuple[str, ...]:
        """All runs that made the version."""
        return (self.run_id, *self.further_runs)


def snapshot_of(manifest: Manifest) -> Snapshot:
    """The version in a line; from it alone, since its own files carry its run's id."""
    runs = set(manifest.runs)
    made = [
        (table, target, dataset)
        for table, version in sorted(manifest.tables.items())
        for target, dataset in version.datasets.items()
        if dataset.run_id in runs
    ]
    domains = {table.partition(".")[0] for table, _, _ in made}
    targets = {target for _, target, _ in made}
    return Snapshot(
        version=manifest.version,
        committed_at=manifest.committed_at or _BEFORE_ALL,
        run_id=manifest.run_id,
        domain=_the_one(domains),
        target=_the_one(targets),
        tables=tuple(dict.fromkeys(each for each, _, _ in made)),
        rows=sum(dataset.rows for _, _, dataset in made),
        bytes=sum(file.bytes for _, _, dataset in made for file in dataset.files),
        further_runs=manifest.further_runs,
    )


def _the_one(names: Collection[str]) -> str:
    return next(iter(names)) if len(names) == 1 else ""


def missing_version(version: int, kept: Collection[int]) -> NotFoundError:
    """Why there is no version of a number, given those that there are."""
    if not kept:
        hint = "Nothing is published yet."
    elif 0 < version < max(kept):
        hint = (
            f"It was pruned; the oldest one that is kept is {min(kept)}. "
            "`app query 'from meta.snapshots'` lists all."
        )
    else:
        hint = f"The newest one is {max(kept)}."
    return NotFoundError(what="version", name=str(version), hint=hint)
