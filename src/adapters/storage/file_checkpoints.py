"""Checkpoints as files in the staging areas of their runs."""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import msgspec
import structlog

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, write_atomically
from application.ports.checkpoints import Checkpoints
from domain.checkpoint import Checkpoint

CHECKPOINT = "checkpoint.json"
_log = structlog.get_logger()
_checkpoints = msgspec.json.Decoder(Checkpoint)


class _Sealed(msgspec.Struct):
    """What the file holds: a flipped bit in a request or a count would still be a checkpoint."""

    sha256: str
    checkpoint: msgspec.Raw


_sealed = msgspec.json.Decoder(_Sealed)


class FileCheckpoints(Checkpoints):
    """`_staging/<run id>/checkpoint.json`, replaced atomically."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    async def save(self, checkpoint: Checkpoint) -> None:
        """Put it in place of the run's earlier one."""
        await asyncio.to_thread(self._save, checkpoint)

    async def all(self) -> Sequence[Checkpoint]:
        """Those that can be read, newest first."""
        return await asyncio.to_thread(self._all)

    def _save(self, checkpoint: Checkpoint) -> None:
        area = self._folder.inside(self._folder.staging / checkpoint.run.run_id)
        write_atomically(area / CHECKPOINT, _seal(_encoded(checkpoint)))

    def _all(self) -> list[Checkpoint]:
        with storage_errors("Reading", self._folder.staging):
            paths = list(self._folder.staging.glob(f"*/{CHECKPOINT}"))
        found = [each for path in paths if (each := read_checkpoint(path)) is not None]
        return sorted(found, key=lambda each: each.at, reverse=True)


def read_checkpoint(path: Path) -> Checkpoint | None:
    """The checkpoint of a staging area; None where there is none that can be believed."""
    try:
        checkpoint = _checkpoints.decode(_unsealed(path.read_bytes()))
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, ValueError) as error:
        _log.warning("checkpoint.unreadable", run_id=path.parent.name, reason=repr(error))
        return None
    return checkpoint if checkpoint.run.run_id == path.parent.name else None


def _seal(content: bytes) -> bytes:
    return msgspec.json.encode(_Sealed(_digest(content), msgspec.Raw(content)))


def _unsealed(content: bytes) -> bytes:
    """The checkpoint's own bytes; ValueError when they are not those that were written."""
    found = _sealed.decode(content)
    inner = bytes(found.checkpoint)
    if _digest(inner) != found.sha256:
        message = "its SHA-256 is another"
        raise ValueError(message)
    return inner


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _encoded(checkpoint: Checkpoint) -> bytes:
    try:
        return msgspec.json.encode(checkpoint)
    except UnicodeEncodeError:  # half a character that an upstream sent
        value = msgspec.to_builtins(checkpoint)
        return json.dumps(value, ensure_ascii=False).encode(errors="replace")
