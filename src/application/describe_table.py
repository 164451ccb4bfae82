"""What a table means, and what it holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import structlog

from application.check_datasets import DatasetCheck, checks_of
from application.list_datasets import DatasetSummary, summary_of
from application.ports.manifest_log import ManifestLog
from application.ports.profiles import Profiles
from application.ports.run_log import RunLog
from application.ports.source_registry import SourceRegistry
from domain.errors import NotFoundError, StorageError
from domain.manifest import Dataset, TableVersion
from domain.profiles import TableProfile, joined_profile
from domain.runs import Run
from domain.schema import Field, Schema
from domain.tables import PROVENANCE

_RUNS = 5
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TableDescription:
    """A table, published or only promised by a source (then without data sets).

    Attributes:
        datasets: its targets, or the one that was asked for.
        profile: of the rows of those whose files can be read; None where there are none.
        runs: the newest runs of these targets, newest first.
        checks: of these data sets.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    fields: Sequence[Field]
    datasets: Sequence[DatasetSummary]
    profile: TableProfile | None = None
    runs: Sequence[Run] = ()
    checks: Sequence[DatasetCheck] = ()


class DescribeTable:
    """Looks a table up in the newest manifest, then in the sources."""

    def __init__(
        self,
        *,
        manifests: ManifestLog,
        registry: SourceRegistry,
        runs: RunLog,
        profiles: Profiles,
    ) -> None:
        self._manifests = manifests
        self._registry = registry
        self._runs = runs
        self._profiles = profiles

    async def execute(self, name: str, target: str | None = None) -> TableDescription:
        """The table of that name, qualified ("nft.nfts") or not ("nfts").

        Args:
            name: the table.
            target: only this one of its data sets.

        Raises:
            NotFoundError: no such table or data set, with suggestions.
        """
        published = (await self._manifests.latest()).tables
        promised = self._promised()
        known = [*published, *(each for each in promised if each not in published)]
        found = next((each for each in known if name in (each, each.partition(".")[2])), None)
        if found is None:
            short = (each.partition(".")[2] for each in known)
            what, hint = "table", "`app datasets` lists them."
            raise NotFoundError(what, name, (*known, *short), hint)
        if found in published:
            return await self._described(found, published[found], target)
        if target is not None:
            raise _no_dataset(found, target, ())
        return promised[found]

    async def _described(
        self, name: str, table: TableVersion, target: str | None
    ) -> TableDescription:
        if target is not None and target not in table.datasets:
            raise _no_dataset(name, target, tuple(table.datasets))
        chosen = {
            each: dataset
            for each, dataset in sorted(table.datasets.items())
            if target in (None, each)
        }
        domain = name.partition(".")[0]
        log = await self._runs.all()
        own = [run for run in log if run.domain == domain and run.target in chosen]
        newest = {run.target: run for run in reversed(own)}
        made = {run.run_id: run for run in own}
        profiles = [
            profile
            for dataset in chosen.values()
            if (profile := await self._profile(dataset)) is not None
        ]
        return TableDescription(
            name=name,
            meaning=table.meaning,
            key=table.key,
            fields=table.schema.fields,
            datasets=[
                summary_of(name, each, dataset, newest.get(each))
                for each, dataset in chosen.items()
            ],
            profile=joined_profile(profiles) if profiles else None,
            runs=list(islice(own, _RUNS)),
            checks=[
                check
                for each, dataset in chosen.items()
                for check in checks_of(
                    name, each, dataset, made.get(dataset.run_id), newest.get(each)
                )
            ],
        )

    async def _profile(self, dataset: Dataset) -> TableProfile | None:
        """None where the files cannot be read: all else can still be told."""
        try:
            return await self._profiles.of(dataset.files)
        except StorageError as error:
            _log.warning("profile.unreadable", run_id=dataset.run_id, reason=str(error))
            return None

    def _promised(self) -> dict[str, TableDescription]:
        found = {}
        for source in self._registry.all():
            for table in source.tables:
                name = f"{source.domain}.{table.name}"
                schema = Schema((*table.schema.fields, *PROVENANCE))
                found[name] = TableDescription(name, table.meaning, table.key, schema.fields, ())
        return found


def _no_dataset(table: str, target: str, known: Sequence[str]) -> NotFoundError:
    hint = "`app datasets` lists what is published."
    return NotFoundError(what=f"data set of {table}", name=target, known=known, hint=hint)
