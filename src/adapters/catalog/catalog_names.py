"""The names that a statement may use at a version, without an engine."""

from collections.abc import Collection, Iterable

from adapters.catalog.macros.table_macros import TableMacro, named_macros, table_macros
from domain.manifest import Manifest

META = "meta"
META_TABLES = ("runs", "datasets", "snapshots", "files", "checks")
"""Names of the tables of `meta` but `quarantine`, which is a view over files."""
QUARANTINE = f"{META}.quarantine"


class CatalogNames:
    """Tables and macros by their qualified names."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest

    @property
    def tables(self) -> list[str]:
        """All tables that a query may use."""
        return [
            *sorted(self._manifest.tables),
            *(f"{META}.{name}" for name in META_TABLES),
            QUARANTINE,
        ]

    @property
    def macros(self) -> list[str]:
        """The table macros whose tables are there."""
        return [each.name for each in table_macros().values() if not self.missing(each)]

    def missing(self, macro: TableMacro) -> list[str]:
        """The tables that a macro reads and that are not there."""
        return [table for table in macro.reads if table not in self._manifest.tables]

    def tables_of(self, names: Iterable[str]) -> list[str]:
        """Those of the names that are tables, and the tables that named macros read."""
        wanted = list(names)
        read = [table for macro in named_macros(wanted) for table in macro.reads]
        known = set(self.tables)
        return [name for name in dict.fromkeys([*wanted, *read]) if name in known]

    def meant(self, written: Collection[str] | None) -> list[str]:
        """What a statement means by the names that it uses; None stands for all there are."""
        if written is None:
            return [*self.tables, *self.macros]
        wanted = {each.lower().removeprefix("memory.") for each in written}
        tables = [n for n in self.tables if n in wanted or n.partition(".")[2] in wanted]
        return [*tables, *(macro.name for macro in named_macros(wanted))]
