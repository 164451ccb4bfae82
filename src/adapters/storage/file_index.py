"""Many small files that seldom change, read as one."""

import hashlib
import os
import zlib
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path

import msgspec
import structlog

from adapters.storage.durable import TEMPORARY

_UNREAD = 64
_CHECKSUM = 4  # bytes
_ENTRIES = msgspec.msgpack.Decoder(tuple[str, dict[str, tuple[int, msgspec.Raw]]])
_log = structlog.get_logger()


class FileIndex[T]:
    """What was read from the files of a folder, in one file that may be lost at any time.

    An entry counts only while its file has the inode that it had: the files are replaced as a
    whole, and the new one is written while the old one is still there. A value that will be
    replaced more than once must not be kept, since an inode may come back.
    Blocking; a damaged index is passed over and replaced.

    Args:
        path: the index.
        folder: the files.
        kind: the type of the values, a dataclass.
        unread: files that may be read one by one before the index is written anew.
    """

    def __init__(self, path: Path, folder: Path, kind: type[T], *, unread: int = _UNREAD) -> None:
        self._unread = unread
        self._path = path
        self._folder = folder
        self._kind = kind
        self._encoder = msgspec.msgpack.Encoder()

    @cached_property
    def _decoder(self) -> msgspec.msgpack.Decoder[T]:
        return msgspec.msgpack.Decoder(self._kind)

    @cached_property
    def _shape(self) -> str:
        shape = repr(msgspec.inspect.type_info(self._kind))
        return hashlib.sha256(shape.encode()).hexdigest()[:16]

    def names(self, suffix: str) -> dict[str, int]:
        """The folder's files with a suffix, hidden ones left out, and their inodes.

        None where there is no folder; OSError when it cannot be listed.
        """
        try:
            with os.scandir(self._folder) as entries:
                return {
                    each.name: each.inode()
                    for each in entries
                    if each.name.endswith(suffix) and not each.name.startswith(".")
                }
        except (FileNotFoundError, NotADirectoryError):
            return {}

    def values(
        self,
        names: Mapping[str, int],
        read: Callable[[str], T | None],
        is_settled: Callable[[T], bool],
    ) -> dict[str, Callable[[], T]]:
        """For each file what gives its value; one that the index has costs little until asked.

        Args:
            names: all files that count, with their inodes.
            read: reads a file of that name; None when it has no value.
            is_settled: whether a value will change at most once more.
        """
        known, fresh = self._known(names), dict[str, T]()
        found: dict[str, Callable[[], T]] = {}
        for name in names:
            if name in known:
                found[name] = partial(self._decoder.decode, known[name])
            elif (value := read(name)) is not None:
                found[name] = partial(_same, value)
                if is_settled(value):
                    fresh[name] = value
        self._take_in(names, known, fresh)
        return found

    def unknown(
        self,
        names: Mapping[str, int],
        read: Callable[[str], T | None],
        is_settled: Callable[[T], bool],
    ) -> dict[str, T]:
        """The values of those files that the index does not have; see `values`."""
        known = self._known(names)
        found = {
            name: value for name in names if name not in known and (value := read(name)) is not None
        }
        self._take_in(names, known, {n: v for n, v in found.items() if is_settled(v)})
        return found

    def forget(self) -> None:
        """Remove the index; it is made again when it is next wanted."""
        self._path.unlink(missing_ok=True)

    def _known(self, names: Mapping[str, int]) -> dict[str, msgspec.Raw]:
        """The entries that still hold; under their checksum and shape all of them decode."""
        try:
            content = self._path.read_bytes()
            body = memoryview(content)[_CHECKSUM:]
            if zlib.crc32(body) != int.from_bytes(content[:_CHECKSUM], "big"):
                return {}
            shape, entries = _ENTRIES.decode(body)
        except (OSError, msgspec.DecodeError):
            return {}
        if shape != self._shape:
            return {}
        return {name: raw for name, (inode, raw) in entries.items() if names.get(name) == inode}

    def _take_in(
        self, names: Mapping[str, int], known: Mapping[str, msgspec.Raw], fresh: Mapping[str, T]
    ) -> None:
        """Write the index anew if much is new.

        Not durable: what a power cut leaves of it fails its checksum.
        """
        if len(fresh) <= self._unread:
            return
        entries = {name: (names[name], raw) for name, raw in known.items()}
        for name, value in fresh.items():
            try:
                entries[name] = (names[name], msgspec.Raw(self._encoder.encode(value)))
            except (UnicodeEncodeError, OverflowError):
                continue  # a text or a number that this form does not have: read from its file
        body = self._encoder.encode((self._shape, entries))
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}{TEMPORARY}")
        try:
            temporary.write_bytes(zlib.crc32(body).to_bytes(_CHECKSUM, "big") + body)
            temporary.replace(self._path)
        except OSError as error:
            _log.debug("index.not_written", file=self._path.name, reason=str(error))


def _same[T](value: T) -> T:
    return value
