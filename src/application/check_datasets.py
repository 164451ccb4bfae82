"""Whether what is published is what its runs promised."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from application.ports.manifest_log import ManifestLog
from application.ports.run_log import RunLog
from domain.errors import NotFoundError
from domain.health import Level
from domain.manifest import Dataset, Manifest
from domain.runs import Run, RunState

_LEVELS = {RunState.PARTIAL: Level.WARNING, RunState.FAILED: Level.FAILURE}


@dataclass(frozen=True, slots=True)
class DatasetCheck:
    """One check of one data set.

    Attributes:
        table: qualified.
        check: "run", "balance" or "quarantine".
    """

    table: str
    target: str
    check: str
    level: Level
    detail: str


class CheckDatasets:
    """Looks at the newest version and the runs behind it; opens no data file."""

    def __init__(self, *, manifests: ManifestLog, runs: RunLog) -> None:
        self._manifests = manifests
        self._runs = runs

    async def execute(self, tables: Sequence[str] = ()) -> Sequence[DatasetCheck]:
        """The checks of each data set.

        Args:
            tables: only these, qualified ("nft.nfts") or not ("nfts"); all when empty.

        Raises:
            NotFoundError: a table that is not published.
        """
        manifest = await self._manifests.latest()
        names = published_tables(manifest, tables)
        newest: dict[tuple[str, str], Run] = {}
        made: dict[str, Run] = {}
        for run in await self._runs.all():
            newest.setdefault((run.domain, run.target), run)
            made[run.run_id] = run
        return [
            check
            for name in names
            for target, dataset in sorted(manifest.tables[name].datasets.items())
            for check in checks_of(
                name,
                target,
                dataset,
                made.get(dataset.run_id),
                newest.get((name.partition(".")[0], target)),
            )
        ]


def published_tables(manifest: Manifest, names: Sequence[str]) -> list[str]:
    """The qualified names of published tables that somebody means; all for no names.

    Raises:
        NotFoundError: a name that none of them has.
    """
    known = sorted(manifest.tables)
    if not names:
        return known
    found: list[str] = []
    for name in names:
        matches = [each for each in known if name in (each, each.partition(".")[2])]
        if not matches:
            short = (each.partition(".")[2] for each in known)
            hint = "`app datasets` lists what is published."
            raise NotFoundError(what="table", name=name, known=(*known, *short), hint=hint)
        found.extend(matches)
    return list(dict.fromkeys(found))


def checks_of(
    table: str, target: str, dataset: Dataset, made_by: Run | None, newest: Run | None
) -> Iterator[DatasetCheck]:
    """The checks of one data set, given the run that made it and the newest one of its target."""
    if newest is not None:
        level = _LEVELS.get(newest.state, Level.OK)
        detail = f"{newest.run_id} {newest.state.value}"
        detail += f": {newest.error}" if newest.error else ""
        yield DatasetCheck(table, target, "run", level, detail)
    counts = made_by.tables.get(table) if made_by else None
    if counts is None:
        detail = f"the record of run {dataset.run_id} is missing: `app catalog rebuild`"
        yield DatasetCheck(table, target, "balance", Level.WARNING, detail)
        return
    level = Level.OK if counts.balanced else Level.FAILURE
    detail = (
        f"{counts.fetched} fetched = {counts.published} published + "
        f"{counts.quarantined} quarantined + {counts.deduplicated} deduplicated"
    )
    yield DatasetCheck(table, target, "balance", level, detail)
    if counts.quarantined:
        detail = f"{counts.quarantined} rows were kept out; meta.quarantine says why"
        yield DatasetCheck(table, target, "quarantine", Level.WARNING, detail)
