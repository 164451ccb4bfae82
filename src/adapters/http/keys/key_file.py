"""Keeps instant keys between runs."""

import asyncio
import hashlib
import os
import secrets
from pathlib import Path

import structlog

from adapters.http.keys.issued_key import IssuedKey, key_from_json, key_to_json
from domain.sources import Source

_log = structlog.get_logger()


class KeyFile:
    """One file for each upstream and base URL, readable by its owner alone.

    A file that cannot be read or written costs a warning and, later, another key.
    """

    def __init__(self, folder: Path, source: Source, base_url: str) -> None:
        digest = hashlib.blake2b(base_url.encode(), digest_size=8).hexdigest()
        self._path = folder / f"{source.upstream}-{digest}.json"

    async def load(self) -> IssuedKey | None:
        """The kept key; None when there is none that can be read."""
        try:
            document = await asyncio.to_thread(self._path.read_bytes)
            return key_from_json(document)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as exc:
            _log.warning("credentials.key_unreadable", file=self._path.name, reason=str(exc))
            return None

    async def save(self, key: IssuedKey) -> None:
        """Keep a key in place of the one before; atomic."""
        try:
            await asyncio.to_thread(self._write, key_to_json(key))
        except OSError as exc:
            _log.warning("credentials.key_not_kept", file=self._path.name, reason=str(exc))

    def _write(self, document: bytes) -> None:
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        draft = folder / f".{self._path.name}.{secrets.token_hex(8)}"
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as f:
                f.write(document)
                f.flush()
                os.fsync(f.fileno())
            draft.replace(self._path)
        finally:
            draft.unlink(missing_ok=True)
