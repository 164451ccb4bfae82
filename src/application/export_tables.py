"""Copies published tables to where other tools have them."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from application.ports.query_engine import Query, QueryEngine, QueryResult
from application.ports.table_exporter import ExportedTable, OutgoingTable, TableExporter
from application.ports.version_history import VersionHistory
from application.query_catalog import CatalogVersion, check_is_there
from domain.errors import NotFoundError
from domain.manifest import Manifest, TableVersion
from domain.sql_names import quoted


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """Which rows of which tables.

    Attributes:
        version: with the chosen tables and data sets alone.
        where: a condition in SQL; empty for all rows.
        timeout: seconds a table; memory: as in `Query`.
    """

    version: CatalogVersion
    where: str = ""
    timeout: float = 86_400.0
    memory: str = "2GB"

    @property
    def tables(self) -> Sequence[str]:
        """Qualified names."""
        return tuple(self.version.manifest.tables)

    def query(self, name: str) -> Query:
        """Asks for the rows of a table, in the order in which they are stored."""
        columns = ", ".join(map(quoted, self.version.manifest.tables[name].schema.names))
        domain, _, table = name.partition(".")
        sql = f"select {columns} from {quoted(domain)}.{quoted(table)}"  # noqa: S608  # quoted
        if self.where:
            sql += f" where (\n{self.where}\n)"
        return Query(sql, timeout=self.timeout, memory=self.memory)


def plan_export(
    version: CatalogVersion, names: Sequence[str], target: str | None = None
) -> ExportPlan:
    """Find what is meant by names of tables ("nft.nfts", "nfts") and of whole domains ("nft").

    Args:
        version: what to export from.
        names: at least one.
        target: only the rows of this one.

    Raises:
        NotFoundError: no such table, or no such target in any of them, with suggestions.
    """
    published = version.manifest.tables
    chosen = {name: published[name] for each in names for name in _named(each, published)}
    if target is not None:
        chosen = _only(target, chosen)
    manifest = replace(version.manifest, tables=chosen)
    return ExportPlan(replace(version, manifest=manifest))


class ExportTables:
    """Gives the rows of one version to an exporter."""

    def __init__(self, *, engine: QueryEngine, history: VersionHistory) -> None:
        self._engine = engine
        self._history = history

    def execute(self, plan: ExportPlan, exporter: TableExporter) -> Sequence[ExportedTable]:
        """Copy the tables; blocking. Nobody can prune the version meanwhile.

        Raises:
            UsageError, ConfigurationError, ExportError: see the TableExporter port.
            StatementRefusedError, QueryError, QueryTimeoutError: see the QueryEngine port.
            NotFoundError: the version was pruned just now.
        """
        manifest = plan.version.manifest
        with self._history.reading(manifest.version):
            check_is_there(plan.version)
            return exporter.export([self._outgoing(plan, name, manifest) for name in plan.tables])

    def close(self) -> None:
        """No export will come any more."""
        self._engine.close()

    def _outgoing(self, plan: ExportPlan, name: str, manifest: Manifest) -> OutgoingTable:
        def rows() -> AbstractContextManager[QueryResult]:
            return self._engine.run(plan.query(name), manifest, ())

        table = manifest.tables[name]
        return OutgoingTable(name, table.schema, table.meaning, manifest.version, rows)


def _named(name: str, published: Iterable[str]) -> list[str]:
    known = list(published)
    found = [each for each in known if name in (each, *each.split("."))]
    if not found:
        parts = (part for each in known for part in (each, *each.split(".")))
        hint = "`app datasets` lists them."
        raise NotFoundError(what="table", name=name, known=dict.fromkeys(parts), hint=hint)
    return found


def _only(target: str, tables: Mapping[str, TableVersion]) -> dict[str, TableVersion]:
    found = {
        name: replace(table, datasets={target: table.datasets[target]})
        for name, table in tables.items()
        if target in table.datasets
    }
    if not found:
        known = dict.fromkeys(each for table in tables.values() for each in table.datasets)
        what = f"target in {' and '.join(tables)}"
        raise NotFoundError(what=what, name=target, known=known)
    return found
