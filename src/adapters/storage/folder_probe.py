"""Says whether the data folder can be used, and how much room is left."""

import asyncio
import os
import shutil
from collections.abc import Sequence

from adapters.storage.data_folder import DataFolder
from application.ports.health_probe import HealthProbe
from domain.health import Finding, Level

_LITTLE = 1e9  # bytes


class FolderProbe(HealthProbe):
    """Looks without making anything: a folder that is not there yet is looked at where it would be.

    Rights are those of this process; the superuser has all.
    """

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder

    async def probe(self) -> Sequence[Finding]:
        """Rights and free space."""
        return await asyncio.to_thread(self._look)

    def _look(self) -> list[Finding]:
        root = self._folder.root
        nearest = next(path for path in (root, *root.parents) if path.exists())
        advice = "Choose a folder that you may write to with APP_DATA_DIR."
        if not nearest.is_dir():
            detail = f"{nearest} is a file"
            return [Finding("data folder", Level.FAILURE, detail, advice)]
        if not os.access(nearest, os.W_OK | os.X_OK):
            detail = f"there is no right to write to {nearest}"
            return [Finding("data folder", Level.FAILURE, detail, advice)]
        free = shutil.disk_usage(nearest).free
        found = Finding("data folder", Level.OK, str(root))
        room = f"{free / 1e9:.1f} GB free"
        if free < _LITTLE:
            return [
                found,
                Finding("disk", Level.WARNING, room, "Free some space before you ingest."),
            ]
        return [found, Finding("disk", Level.OK, room)]
