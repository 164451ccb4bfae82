"""Objects below an address."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import obstore
from obstore import exceptions
from obstore.store import ObjectStore

from adapters.storage.s3.s3_errors import s3_errors
from domain.bucket_address import BucketAddress
from domain.errors import StorageError

_PART = 16 << 20  # bytes of an upload's part
_PARTS = 4  # of one file under way
_BLOCK = 4 << 20
_CLOCK = "_catalog/clock"
_NO_BUCKET = "NoSuchBucket"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a listing says of an object; keys are relative to the address."""

    key: str
    size: int
    e_tag: str
    modified: datetime


class S3Objects:
    """Reads, writes and conditional writes. Blocking; threads may share it.

    All methods raise DataFolderError where settings or rights have to be changed, and
    StorageError for what may pass; the client has repeated by then what can be repeated.

    Args:
        store: of the keys below the address.
        address: as it is named in errors.
    """

    def __init__(self, store: ObjectStore, address: BucketAddress) -> None:
        self._store = store
        self.address = address

    def read(self, key: str) -> tuple[bytes, str] | None:
        """A small object and its entity tag; None when there is none."""
        with s3_errors("Reading from", self.address):
            try:
                answer = obstore.get(self._store, key)
                return bytes(answer.bytes()), answer.meta["e_tag"] or ""
            except FileNotFoundError as error:
                if _NO_BUCKET in str(error):
                    raise
                return None

    def head(self, key: str) -> StoredObject | None:
        """What is known of an object; None when there is none."""
        with s3_errors("Reading from", self.address):
            try:
                return _stored(obstore.head(self._store, key))
            except FileNotFoundError:
                return None

    def listed(self, folder: str) -> list[StoredObject]:
        """All objects below a folder, in order of their keys."""
        with s3_errors("Listing", self.address):
            chunks = obstore.list(self._store, folder)
            found = [_stored(each) for chunk in chunks for each in chunk]
        return sorted(found, key=lambda each: each.key)

    def write(self, key: str, content: bytes) -> None:
        """Put an object in place of what is there."""
        with s3_errors("Writing into", self.address):
            obstore.put(self._store, key, content, use_multipart=False)

    def create(self, key: str, content: bytes) -> str | None:
        """The entity tag of the new object; None when there is one of this key already.

        `If-None-Match: *` (docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html).

        Raises:
            UncertainWriteError: no answer came; look whether it is there.
        """
        return self._conditional(key, content, "create")

    def replace(self, key: str, content: bytes, e_tag: str) -> str | None:
        """The new entity tag; None when the object is not the one with this tag any more."""
        return self._conditional(key, content, {"e_tag": e_tag})

    def upload(self, path: Path, key: str) -> None:
        """Put a file; the store checks the SHA-256 of what it receives.

        A large file goes in parts, and is there whole or not at all.
        """
        size = path.stat().st_size
        with s3_errors("Writing into", self.address):
            obstore.put(
                self._store,
                key,
                path,
                use_multipart=size > _PART,
                chunk_size=_PART,
                max_concurrency=_PARTS,
            )
        found = self.head(key)
        if found is None or found.size != size:
            there = "nothing" if found is None else f"{found.size} bytes"
            message = f"{self.address}/{key} holds {there}, {size} bytes were written."
            raise StorageError(message)

    def blocks(self, key: str) -> Iterator[bytes]:
        """The content of an object, piece by piece; memory does not grow with it."""
        with s3_errors("Reading from", self.address):
            for block in obstore.get(self._store, key).stream(min_chunk_size=_BLOCK):
                yield bytes(block)

    def copy(self, key: str, to: str) -> None:
        """Copy within the store, in place of what is there; at most 5 GB."""
        with s3_errors("Copying in", self.address):
            obstore.copy(self._store, key, to)

    def delete(self, keys: Sequence[str]) -> None:
        """Remove objects; those that are not there are no error."""
        if keys:
            with s3_errors("Removing from", self.address):
                obstore.delete(self._store, keys)

    def time(self) -> datetime:
        """What the clock of the store says: no machine's own clock decides what is old."""
        self.write(_CLOCK, b"")
        found = self.head(_CLOCK)
        if found is None:
            message = f"{self.address}/{_CLOCK} has gone as soon as it was written."
            raise StorageError(message)
        return found.modified

    def _conditional(self, key: str, content: bytes, mode: Any) -> str | None:
        with s3_errors("Writing into", self.address):
            try:
                written = obstore.put(self._store, key, content, mode=mode, use_multipart=False)
            except (exceptions.AlreadyExistsError, exceptions.PreconditionError):
                return None
            return written["e_tag"] or ""


def _stored(found: Any) -> StoredObject:
    return StoredObject(found["path"], found["size"], found["e_tag"] or "", found["last_modified"])
