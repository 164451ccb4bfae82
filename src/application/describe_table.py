"""What a table means, and what it holds."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.list_datasets import DatasetSummary, ListDatasets
from application.ports.manifest_log import ManifestLog
from application.ports.source_registry import SourceRegistry
from domain.errors import NotFoundError
from domain.schema import Field, Schema
from domain.tables import PROVENANCE


@dataclass(frozen=True, slots=True)
class TableDescription:
    """A table, published or only promised by a source (then without data sets)."""

    name: str
    meaning: str
    key: tuple[str, ...]
    fields: Sequence[Field]
    datasets: Sequence[DatasetSummary]


class DescribeTable:
    """Looks a table up in the newest manifest, then in the sources."""

    def __init__(self, *, manifests: ManifestLog, registry: SourceRegistry) -> None:
        self._manifests = manifests
        self._registry = registry

    async def execute(self, name: str) -> TableDescription:
        """The table of that name, qualified ("nft.nfts") or not ("nfts").

        Raises:
            NotFoundError: no such table, with suggestions.
        """
        known = self._promised()
        for published, table in (await self._manifests.latest()).tables.items():
            known[published] = TableDescription(
                published, table.meaning, table.key, table.schema.fields, ()
            )
        matches = [each for each in known if name in (each, each.partition(".")[2])]
        if not matches:
            short = (each.partition(".")[2] for each in known)
            what, hint = "table", "`app datasets` lists them."
            raise NotFoundError(what, name, (*known, *short), hint)
        found = known[matches[0]]
        datasets = await ListDatasets(manifests=self._manifests).execute()
        own = [each for each in datasets if each.table == found.name]
        return TableDescription(found.name, found.meaning, found.key, found.fields, own)

    def _promised(self) -> dict[str, TableDescription]:
        found = {}
        for source in self._registry.all():
            for table in source.tables:
                name = f"{source.domain}.{table.name}"
                schema = Schema((*table.schema.fields, *PROVENANCE))
                found[name] = TableDescription(name, table.meaning, table.key, schema.fields, ())
        return found
