"""The publisher port."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from domain.manifest import Manifest

WHOLE = ""
"""Stands for no target: what is derived from a version as a whole."""


class Publisher(Protocol):
    """Writes what is derived from a version: `<target>_<table>.parquet`, `catalog.duckdb`."""

    @abstractmethod
    async def publish_all(
        self, manifest: Manifest, targets: Collection[str] | None = None, *, whole: bool = True
    ) -> Mapping[str, Sequence[str]]:
        """Bring the derived files up to a version; paths relative to the data folder, by target.

        Each file is replaced atomically; safe to repeat.

        Args:
            manifest: the version.
            targets: limits the Parquet files to those of some targets.
            whole: also make what is derived from the version as a whole, named under `WHOLE`.
                What is there already stays readable if it is left for later.

        Raises:
            StorageError: a file cannot be written.
        """

    async def publish(self, manifest: Manifest, target: str | None = None) -> Sequence[str]:
        """Bring all derived files up to a version, or those of one target; see `publish_all`."""
        found = await self.publish_all(manifest, None if target is None else {target})
        own = sorted(name for each, names in found.items() if each != WHOLE for name in names)
        return [*own, *found.get(WHOLE, ())]
