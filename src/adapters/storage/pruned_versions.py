"""What is still known of versions that were removed."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, write_atomically
from domain.errors import StorageError
from domain.snapshots import Snapshot

_DECODER = msgspec.json.Decoder(list[Snapshot])


class PrunedVersions:
    """`_catalog/pruned.json`: a line a version. Blocking.

    It is written before the versions go, so it may name one that is still there; who looks for
    a version looks among the manifests first. Without it nobody would know that a run of a
    version that is gone had made one, and what it wrote might be taken for that of a dead run.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    @property
    def path(self) -> Path:
        """The file."""
        return self._folder.root / "_catalog" / "pruned.json"

    def read(self) -> Mapping[int, Snapshot]:
        """The versions by number; StorageError when they cannot be read."""
        with storage_errors("Reading", self.path):
            try:
                found = _DECODER.decode(self.path.read_bytes())
            except FileNotFoundError:
                return {}
            except msgspec.DecodeError as error:
                message = (
                    f"{self.path} cannot be read: {error}. `app catalog rebuild` sets it aside."
                )
                raise StorageError(message) from error
        return {each.version: each for each in found}

    def add(self, versions: Iterable[Snapshot]) -> None:
        """Write more of them down, durably."""
        known = {**self.read(), **{each.version: each for each in versions}}
        lines = b",\n".join(msgspec.json.encode(known[number]) for number in sorted(known))
        write_atomically(self.path, b"[" + lines + b"]\n")
