"""A name that tells a data folder from all others, wherever it is mounted."""

import asyncio
import os
import secrets

from adapters.storage.data_folder import DataFolder
from adapters.storage.durable import storage_errors, write_temporary


class FolderIdentity:
    """Sixteen hex digits in `_catalog/id`, made up once; a copy of the folder keeps them."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    async def read(self) -> str:
        """The name; StorageError when it can neither be read nor written."""
        return await asyncio.to_thread(self.look_up)

    def look_up(self) -> str:
        """The same, blocking."""
        path = self._folder.identity
        with storage_errors("Reading", path):
            if not path.exists():
                self._folder.prepare()
                temporary = write_temporary(path, secrets.token_hex(8).encode())
                try:
                    os.link(temporary, path)
                except FileExistsError:
                    pass  # another process was first: its name holds
                except OSError:  # no hard links here
                    temporary.replace(path)
                finally:
                    temporary.unlink(missing_ok=True)
            return path.read_text(encoding="ascii", errors="replace").strip()
