"""Lake files of a store, kept on this machine."""

import hashlib
import os
import secrets
from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Event

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from adapters.storage.s3.held_files import HeldFiles
from adapters.storage.s3.in_parallel import in_parallel
from adapters.storage.s3.kept_files import KeptFiles
from adapters.storage.s3.s3_objects import S3Objects, StoredObject
from application.ports.lake_files import QUARANTINE, LakeFiles
from domain.errors import StorageError
from domain.manifest import DataFile, Manifest

_KEPT_OUT = "quarantine"
_log = structlog.get_logger()


class S3LakeFiles(LakeFiles):
    """Fetched once, checked against the manifest's SHA-256, then read as local files.

    Files of the lake never change, so one that is here is the right one. What was not used for
    the longest time goes when the limit is passed, unless somebody holds it.

    Args:
        objects: the store.
        mirror: the folder that keeps them under the paths of the store.
        max_bytes: what may be kept; what is held may pass it for a while.
    """

    def __init__(self, objects: S3Objects, mirror: DataFolder, max_bytes: int) -> None:
        self._objects = objects
        self._mirror = mirror
        self._held = HeldFiles(mirror.root / "_held", mirror.locks / "kept.lock")
        self._kept = KeptFiles(mirror, self._held, max_bytes)

    @property
    def root(self) -> Path:
        """The mirror."""
        return self._mirror.root

    def hold(
        self, manifest: Manifest, tables: Collection[str], target: str | None = None
    ) -> AbstractContextManager[Path]:
        """Have the files here for the length of the context."""
        return self._hold(manifest, tables, target)

    def shrink(self) -> None:
        """Remove what passes the limit. Blocking.

        Raises:
            StorageError: the disk failed.
        """
        self._kept.shrink()

    @contextmanager
    def hold_files(self, files: Sequence[DataFile]) -> Generator[Path]:
        """Have these files here for the length of the context."""
        if not files:
            yield self.root
            return
        with self._held.hold(file.path for file in files):
            stop = Event()
            self._note_fetched(sum(in_parallel(lambda file: self._bring(file, stop), files, stop)))
            yield self.root

    @contextmanager
    def _hold(
        self, manifest: Manifest, tables: Collection[str], target: str | None
    ) -> Generator[Path]:
        kept_out = self._hold_kept_out() if QUARANTINE in tables else nullcontext()
        with kept_out, self.hold_files(list(_files(manifest, tables, target))):
            yield self.root

    @contextmanager
    def _hold_kept_out(self) -> Generator[None]:
        found = self._objects.listed(_KEPT_OUT)
        with self._held.hold(each.key for each in found):
            stop = Event()
            self._note_fetched(
                sum(in_parallel(lambda each: self._bring_kept_out(each, stop), found, stop))
            )
            self._kept.forget_kept_out({each.key for each in found})
            yield

    def _note_fetched(self, files: int) -> None:
        if files:
            _log.info("lake.fetched", files=files)
            self.shrink()

    def _bring(self, file: DataFile, stop: Event) -> bool:
        """Whether the file had to be fetched."""
        path = self._mirror.inside(self.root / file.path)
        if not path.is_relative_to(self._mirror.lake):
            message = f"{file.path} is named by a version and lies outside the lake."
            raise StorageError(message)
        if self._kept.use(path, file.bytes):
            return False
        self._fetch(file.path, path, file, stop)
        return True

    def _bring_kept_out(self, found: StoredObject, stop: Event) -> bool:
        path = self._mirror.inside(self.root / found.key)
        if self._kept.use(path, found.size, not_before=found.modified.timestamp()):
            return False
        self._fetch(found.key, path, None, stop)
        return True

    def _fetch(self, key: str, path: Path, wanted: DataFile | None, stop: Event) -> None:
        """Under another name at first; processes that fetch one file at once do no harm."""
        temporary = self._kept.temporary(f"{os.getpid()}-{secrets.token_hex(4)}")
        digest, size = hashlib.sha256(), 0
        try:
            with storage_errors("Writing", temporary), temporary.open("xb") as file:
                for block in self._objects.blocks(key):
                    file.write(block)
                    digest.update(block)
                    size += len(block)
                    if stop.is_set():
                        return
            if wanted and (size, digest.hexdigest()) != (wanted.bytes, wanted.sha256):
                message = (
                    f"{self._objects.address}/{key} is not what its version says: {size} bytes "
                    f"with SHA-256 {digest.hexdigest()}. Ingest the target again."
                )
                raise StorageError(message)
            self._kept.take_in(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def _files(manifest: Manifest, tables: Collection[str], target: str | None) -> Iterator[DataFile]:
    for name in tables:
        table = manifest.tables.get(name)
        datasets = table.datasets if table else {}
        for each in datasets if target is None else {target} & datasets.keys():
            yield from datasets[each].files
