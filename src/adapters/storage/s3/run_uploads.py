"""What runs put into the store before they publish it, and what becomes of it if they do not."""

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors
from adapters.storage.s3.in_parallel import in_parallel
from adapters.storage.s3.s3_objects import S3Objects, StoredObject
from adapters.storage.s3.s3_versions import S3Versions
from adapters.storage.staging_area import StagingArea
from domain.errors import StorageError
from domain.manifest import Manifest, Publication

MARKS = "_staging"
GIVEN_UP = timedelta(days=1)
IN_FLIGHT = timedelta(hours=1)  # no store takes so long to carry out a request it has received
_MARK = ".json"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Mark:
    """Stands in the store before the first upload of a run's attempt.

    Attributes:
        machine: the mirror that it was uploaded from.
        keys: all that it names; objects of the lake belong to this attempt alone.
        is_void: the run was found dead, and begins no commit any more.
        void_since: the newest version some time after that; None while nobody has looked.
    """

    run_id: str
    machine: str
    keys: tuple[str, ...]
    is_void: bool = False
    void_since: int | None = None


class RunUploads:
    """Uploads under a mark, so that what no version names can be found and removed. Blocking.

    A run that is dead here (its staging area is free), or has said nothing for a day, has its
    mark voided: it cannot commit from then on, save for a request that is on its way. That one
    can only make the version after the newest; so the uploads go when there is a newer version,
    or an hour later, unless the run has made its own by then.

    Args:
        objects: the store.
        mirror: holds the files to upload.
        versions: tells what was published.
        machine: tells the name of the mirror.
    """

    def __init__(
        self,
        objects: S3Objects,
        mirror: DataFolder,
        versions: S3Versions,
        machine: Callable[[], str],
    ) -> None:
        self._objects = objects
        self._mirror = mirror
        self._versions = versions
        self._machine = machine
        self._own: dict[str, str] = {}  # runs under way here, by the keys of their marks

    def upload(self, publication: Publication) -> str:
        """Put all files of a run into the store; the key of the mark.

        Raises:
            StorageError: a file could not be uploaded whole.
        """
        kept_out = [
            self._mirror.relative(path)
            for path in self._mirror.written_by(publication.run_id, _owner(publication))
            if path.is_relative_to(self._mirror.quarantine)
        ]
        published = [
            key
            for table in publication.tables.values()
            for file in table.datasets[publication.target].files
            for key in self._with_companions(file.path)
        ]
        keys = (*published, *kept_out)
        mark = f"{MARKS}/{publication.run_id}.{secrets.token_hex(4)}{_MARK}"
        self._own[mark] = publication.run_id
        self._objects.write(mark, _document(_Mark(publication.run_id, self._machine(), keys)))
        in_parallel(lambda key: self._objects.upload(self._mirror.root / key, key), keys)
        return mark

    def check(self, mark: str) -> None:
        """Refuse to publish what somebody may be removing.

        Raises:
            StorageError: the run was taken for dead.
        """
        found = self._read(mark)
        if found is None or found[0].is_void:
            message = (
                "Another process has taken this run for dead and removes what it uploaded. "
                "Run the command again."
            )
            raise StorageError(message)

    def abandon(self, run_id: str) -> None:
        """The run has failed in this process; a commit may still be on its way."""
        self._forget(run_id)
        for each in self._marks(run_id):
            if (found := self._read(each.key)) is not None and found[0].machine == self._machine():
                self._void(each.key, *found)

    def sweep(self, ended: str = "") -> None:
        """Void the marks of dead runs, remove what is decided.

        Args:
            ended: a run of this process that has nothing under way any more. Others that are
                under way here are not looked at: there may be hundreds.
        """
        self._forget(ended)
        for each in self._marks():
            if each.key in self._own:
                continue
            found = self._read(each.key)
            if found is None:
                continue
            mark, tag = found
            if mark.run_id == ended and mark.machine == self._machine():
                self._remove(each.key, mark)
            elif mark.void_since is None:
                if mark.is_void or self._is_dead(mark, each.modified):
                    self._void(each.key, mark, tag)
            elif self._is_decided(mark.void_since, each.modified):
                self._remove(each.key, mark)
                _log.info("uploads.swept", run_id=mark.run_id)

    def _forget(self, run_id: str) -> None:
        """A run is not under way here any more."""
        for key, run in list(self._own.items()):  # threads add others meanwhile
            if run == run_id:
                del self._own[key]

    def _with_companions(self, key: str) -> list[str]:
        """A file of the lake, and what was written beside it."""
        folder = (self._mirror.root / key).parent
        with storage_errors("Reading", folder):
            beside = [self._mirror.relative(path) for path in folder.glob("*") if path.is_file()]
        return sorted({key, *beside})

    def _marks(self, run_id: str = "") -> list[StoredObject]:
        found = self._objects.listed(MARKS)
        start = f"{MARKS}/{run_id}." if run_id else MARKS
        return [each for each in found if each.key.startswith(start) and each.key.endswith(_MARK)]

    def _read(self, key: str) -> tuple[_Mark, str] | None:
        """A mark and its entity tag; None when it has gone."""
        found = self._objects.read(key)
        if found is None:
            return None
        try:
            value = json.loads(found[0])
            mark = _Mark(
                value["run_id"],
                value["machine"],
                tuple(value["keys"]),
                value["is_void"],
                value["void_since"],
            )
        except (KeyError, TypeError, ValueError) as error:
            _log.warning("uploads.unreadable", key=key, reason=repr(error))
            return None
        return mark, found[1]

    def _void(self, key: str, mark: _Mark, tag: str) -> None:
        """Nothing is lost when somebody else was first.

        The newest version is looked up once the mark is void: what the run may still have under
        way began before, and so is for the version after that one at most.
        """
        void = replace(mark, is_void=True)
        held = tag if mark.is_void else self._objects.replace(key, _document(void), tag)
        if held is not None and mark.void_since is None:
            since = replace(void, void_since=self._versions.newest().version)
            self._objects.replace(key, _document(since), held)

    def _is_dead(self, mark: _Mark, at: datetime) -> bool:
        if mark.machine != self._machine():
            return self._objects.time() - at > GIVEN_UP
        area = StagingArea(self._mirror, mark.run_id)
        try:
            return area.take_over() or not area.path.exists()
        finally:
            area.release()

    def _is_decided(self, void_since: int, at: datetime) -> bool:
        newest = self._versions.newest().version
        return newest > void_since or self._objects.time() - at > IN_FLIGHT

    def _remove(self, key: str, mark: _Mark) -> None:
        gone = list(mark.keys)
        version = self._versions.version_of(mark.run_id)
        if version is not None:
            named = _folders(self._versions.at(version), mark.run_id)
            lake = [each for each in mark.keys if each.startswith("lake/")]
            gone = [each for each in lake if each.rpartition("/")[0] not in named]
        self._objects.delete(gone)
        self._objects.delete([key])


def _owner(publication: Publication) -> tuple[str, str]:
    domain = next(iter(publication.tables)).partition(".")[0]
    return domain, publication.target


def _folders(manifest: Manifest, run_id: str) -> set[str]:
    """Where a run's files of a version are; each folder belongs to one attempt of it."""
    return {
        file.path.rpartition("/")[0]
        for table in manifest.tables.values()
        for dataset in table.datasets.values()
        if dataset.run_id == run_id
        for file in dataset.files
    }


def _document(mark: _Mark) -> bytes:
    return json.dumps(asdict(mark), indent=1).encode()
