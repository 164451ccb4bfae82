"""An object that says who works."""

import json
import os
import secrets
import socket
from datetime import datetime, timedelta

from adapters.storage.s3.s3_errors import UncertainWriteError
from adapters.storage.s3.s3_objects import S3Objects

LIFETIME = timedelta(seconds=60)
_ATTEMPTS = 5


class LockObject:
    """Made by a conditional write and renewed by its holder. Blocking.

    One that was not renewed for a minute, by the clock of the store, may be taken; one of this
    machine at once, since the machine's own lock says that its process is dead.

    Args:
        objects: the store.
        key: of the object.
        machine: names the mirror whose own lock the caller holds.
        since: when the caller began.

    Attributes:
        holder: who has it, after it was not taken.
    """

    def __init__(self, objects: S3Objects, key: str, machine: str, since: datetime) -> None:
        self._objects = objects
        self._key = key
        self._machine = machine
        self._document = json.dumps(
            {
                "holder": f"process {os.getpid()} on {socket.gethostname()} since "
                f"{since.isoformat(timespec='seconds')}",
                "machine": machine,
                "token": secrets.token_hex(8),
            }
        ).encode()
        self._tag: str | None = None
        self.holder = "another machine"

    def take(self) -> bool:
        """Whether it is held now."""
        for _ in range(_ATTEMPTS):
            self._tag = self._created() or self._found()
            if self._tag is not None:
                return True
            there = self._objects.read(self._key)
            if there is None:
                continue
            content, tag = there
            if not self._is_abandoned(content):
                return False
            self._tag = self._objects.replace(self._key, self._document, tag)
            if self._tag is not None:
                return True
        return False

    def renew(self) -> bool:
        """Whether it is still held; it counts from now."""
        if self._tag is None:
            return False
        renewed = self._objects.replace(self._key, self._document, self._tag)
        self._tag = renewed or self._found()  # an answer that was lost, or another holder
        return self._tag is not None

    def release(self) -> None:
        """Let it go, if it is still held."""
        if self._tag is not None and self._found() is not None:
            self._objects.delete([self._key])
        self._tag = None

    def _created(self) -> str | None:
        try:
            return self._objects.create(self._key, self._document)
        except UncertainWriteError:
            return None

    def _found(self) -> str | None:
        """The entity tag, if the object is ours."""
        there = self._objects.read(self._key)
        return there[1] if there and there[0] == self._document else None

    def _is_abandoned(self, content: bytes) -> bool:
        try:
            value = json.loads(content)
            machine, self.holder = value["machine"], str(value["holder"])[:200]
        except (KeyError, TypeError, ValueError):
            machine = ""
        if machine == self._machine:
            return True
        there = self._objects.head(self._key)
        return there is not None and self._objects.time() - there.modified > LIFETIME
