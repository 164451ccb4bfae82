"""The version differ port."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.manifest import Manifest


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row that differs.

    Attributes:
        kind: "added", "removed" or "changed".
        key: the columns that identify it, by name.
        row: all its other columns, as they are in the later version; in the earlier one if it
            was removed.
        before: for a changed row, the columns that differ, as they were.
    """

    kind: str
    key: Mapping[str, Any]
    row: Mapping[str, Any]
    before: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TableDiff:
    """How the rows of a target differ between two versions of a table (qualified name)."""

    table: str
    added: int
    removed: int
    changed: int
    new_columns: Sequence[str]
    gone_columns: Sequence[str]
    examples: Sequence[RowChange]

    @property
    def is_empty(self) -> bool:
        """Nothing differs."""
        return not (self.added or self.removed or self.changed)


class VersionDiffer(Protocol):
    """Compares rows by key, provenance and volatile columns left out."""

    @abstractmethod
    async def diff(
        self, table: str, target: str, before: Manifest, after: Manifest, limit: int
    ) -> TableDiff:
        """The difference, with at most `limit` examples in the order of the key.

        A column that only one version has is null in the other. StorageError when a file of a
        version is missing or broken.
        """
