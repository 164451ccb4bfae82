"""The objects that are derived from a version: one Parquet file a table."""

import asyncio
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.data_folder import DataFolder
from adapters.storage.parquet_file import join_files
from adapters.storage.published_names import Claim, published_names
from adapters.storage.s3.in_parallel import in_parallel
from adapters.storage.s3.s3_objects import S3Objects
from adapters.storage.s3.s3_versions import S3Versions
from adapters.storage.uninterrupted import uninterrupted
from application.ports.lake_files import LakeFiles
from application.ports.publisher import Publisher
from domain.manifest import Manifest

NOTE = "_catalog/published.json"
_COPYABLE = 5 * 10**9  # bytes; CopyObject takes no more
_ATTEMPTS = 10
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Copy:
    """What a published object was made from, and its entity tag since then."""

    table: str
    target: str
    paths: tuple[str, ...]
    e_tag: str = ""


class S3Publisher(Publisher):
    """Copies objects of the lake within the store; any copy may be deleted and made again.

    There is no `catalog.duckdb`: its views would have to read the store, which takes an
    extension and keys in every client that opens it.

    A note says what each copy was made from. When a newer version came while this one was being
    published, that one is published too, so a slow publisher takes nothing back for good.
    """

    def __init__(
        self, objects: S3Objects, versions: S3Versions, mirror: DataFolder, lake: LakeFiles
    ) -> None:
        self._objects = objects
        self._versions = versions
        self._mirror = mirror
        self._lake = lake

    async def publish_all(
        self, manifest: Manifest, targets: Collection[str] | None = None, *, whole: bool = True
    ) -> Mapping[str, Sequence[str]]:
        """Bring the published objects up to a version; their names by target."""
        del whole  # nothing here is of a version as a whole
        return await uninterrupted(asyncio.to_thread(self._publish, manifest, targets))

    def _publish(self, manifest: Manifest, targets: Collection[str] | None) -> dict[str, list[str]]:
        newest = max(manifest, self._versions.newest(), key=lambda each: each.version)
        for _ in range(_ATTEMPTS):
            names = self._bring_up_to(newest, targets)
            now = self._versions.newest()
            if now.version <= newest.version:
                break
            newest = now
        return names

    def _bring_up_to(
        self, manifest: Manifest, targets: Collection[str] | None
    ) -> dict[str, list[str]]:
        noted, _ = self._noted()

        def owner(name: str) -> tuple[str, str] | None:
            copy = noted.get(name)
            return (copy.table, copy.target) if copy else None

        wanted = {
            name: claim
            for name, claim in published_names(manifest, owner)
            if targets is None or claim.target in targets
        }
        made = dict(
            zip(
                wanted,
                in_parallel(
                    lambda name: self._made(manifest, name, wanted[name], noted.get(name)), wanted
                ),
                strict=True,
            )
        )
        self._note({name: copy for name, copy in made.items() if copy != noted.get(name)})
        names: dict[str, list[str]] = {}
        for name, claim in sorted(wanted.items()):
            names.setdefault(claim.target, []).append(name)
        return names

    def _made(self, manifest: Manifest, name: str, claim: Claim, before: _Copy | None) -> _Copy:
        """The copy as it is now; made when it is not there or is of something else."""
        paths = tuple(file.path for file in claim.dataset.files)
        there = self._objects.head(name)
        if before and there and (before.paths, before.e_tag) == (paths, there.e_tag):
            return before
        if len(paths) == 1 and claim.dataset.files[0].bytes < _COPYABLE:
            self._objects.copy(paths[0], name)
        else:
            self._upload(manifest, name, claim)
        there = self._objects.head(name)
        return _Copy(claim.table, claim.target, paths, there.e_tag if there else "")

    def _upload(self, manifest: Manifest, name: str, claim: Claim) -> None:
        """From here, for what the store cannot copy: several files, or one above its limit."""
        with (
            self._lake.hold(manifest, [claim.table], claim.target) as root,
            tempfile.TemporaryDirectory(dir=self._mirror.staging.parent) as scratch,
        ):
            sources = [root / file.path for file in claim.dataset.files]
            joined = sources[0]
            if len(sources) > 1:
                joined = Path(scratch, "joined.parquet")
                with parquet_errors("Joining", joined):
                    join_files(sources, joined)
            self._objects.upload(joined, name)

    def _noted(self) -> tuple[dict[str, _Copy], str]:
        """The note, and its entity tag; empty without one that can be read."""
        there = self._objects.read(NOTE)
        if there is None:
            return {}, ""
        try:
            return _DECODER.decode(there[0]), there[1]
        except msgspec.DecodeError as error:
            _log.warning("published.unreadable", reason=str(error))
            return {}, there[1]

    def _note(self, made: Mapping[str, _Copy]) -> None:
        """Write down what was made; what others have written down meanwhile stays."""
        for _ in range(_ATTEMPTS if made else 0):
            noted, tag = self._noted()
            document = msgspec.json.encode({**noted, **made})
            if tag:
                written = self._objects.replace(NOTE, document, tag)
            else:
                written = self._objects.create(NOTE, document)
            if written is not None:
                return


_DECODER = msgspec.json.Decoder(dict[str, _Copy])
