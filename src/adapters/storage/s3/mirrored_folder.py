"""Small objects as files of the mirror."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from adapters.storage.durable import storage_errors, write_atomically
from adapters.storage.s3.in_parallel import in_parallel
from adapters.storage.s3.s3_objects import S3Objects, StoredObject

_NAME = re.compile(r"[\w-]+\.json", re.ASCII)  # a name from outside that is safe as a file's

type _Note = dict[str, list[str]]
"""By name: the entity tag in the store, and which file of the mirror has that content."""


class MirroredFolder:
    """One folder of the store and its copy in the mirror. Blocking.

    A file counts while a note beside the folder has the entity tag that the store lists for it,
    so an object is fetched once for each of its contents, and a store that was emptied or made
    anew is noticed. Of two processes that fetch at once one may fetch again next time.

    Args:
        objects: the store.
        key: of the folder there.
        folder: its copy here.
    """

    def __init__(self, objects: S3Objects, key: str, folder: Path) -> None:
        self._objects = objects
        self._key = key
        self._folder = folder
        self._note = folder.with_name(f"{folder.name}.tags")

    def names(self) -> dict[str, StoredObject]:
        """What the store has, by name, in order; foreign objects are passed over."""
        start = len(self._key) + 1
        found = {each.key[start:]: each for each in self._objects.listed(self._key)}
        return {name: each for name, each in found.items() if _NAME.fullmatch(name)}

    def bring(self, found: Mapping[str, StoredObject], wanted: Iterable[str]) -> None:
        """Have the wanted files of a listing here; remove those that the listing lacks."""
        noted = self._noted()
        lacking = [
            name
            for name in wanted
            if not found[name].e_tag or noted.get(name) != [found[name].e_tag, self._file(name)]
        ]
        gone = [name for name in noted if name not in found]
        if not lacking and not gone:
            return
        with storage_errors("Writing into", self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            for name in gone:
                (self._folder / name).unlink(missing_ok=True)
        tags = dict(zip(lacking, in_parallel(self._fetch, lacking), strict=True))
        noted.update({name: [tag, self._file(name)] for name, tag in tags.items() if tag})
        kept = {name: entry for name, entry in noted.items() if name in found}
        write_atomically(self._note, json.dumps(kept).encode())

    def bring_all(self) -> None:
        """Have everything here."""
        found = self.names()
        self.bring(found, found)

    def _fetch(self, name: str) -> str:
        """The entity tag of what is here now; empty when the object has gone meanwhile."""
        read = self._objects.read(f"{self._key}/{name}")
        if read is None:
            (self._folder / name).unlink(missing_ok=True)
            return ""
        content, tag = read
        write_atomically(self._folder / name, content)
        return tag

    def _file(self, name: str) -> str:
        try:
            about = (self._folder / name).stat()
        except OSError:
            return ""
        return f"{about.st_ino} {about.st_mtime_ns} {about.st_size}"

    def _noted(self) -> _Note:
        try:
            found = json.loads(self._note.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
