"""The publisher port."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.manifest import Manifest


class Publisher(Protocol):
    """Writes what is derived from a version: `<target>_<table>.parquet`, `catalog.duckdb`."""

    @abstractmethod
    async def publish(self, manifest: Manifest, target: str | None = None) -> Sequence[str]:
        """Bring the derived files up to a version; paths relative to the data folder.

        Each file is replaced atomically; safe to repeat. `target` limits the Parquet files
        to those of one target. StorageError when a file cannot be written.
        """
