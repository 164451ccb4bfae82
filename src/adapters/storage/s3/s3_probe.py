"""Says whether the store can be reached and read."""

import asyncio
from collections.abc import Sequence

from adapters.storage.s3.s3_objects import S3Objects
from adapters.storage.s3.s3_versions import VERSIONS
from application.ports.health_probe import HealthProbe
from domain.errors import PipelineError
from domain.health import Finding, Level

_PATIENCE = 15.0  # seconds
_PART = "object storage"


class S3Probe(HealthProbe):
    """Lists and writes nothing; the right to write shows at the first ingest.

    Args:
        objects: the store.
        mirror: looks at the mirror's disk.
    """

    def __init__(self, objects: S3Objects, mirror: HealthProbe) -> None:
        self._objects = objects
        self._mirror = mirror

    async def probe(self) -> Sequence[Finding]:
        """Whether the bucket answers, then the folder on this machine."""
        return [await self._look(), *await self._mirror.probe()]

    async def _look(self) -> Finding:
        advice = "See docs/object-storage.md."
        try:
            async with asyncio.timeout(_PATIENCE):
                await asyncio.to_thread(self._objects.listed, VERSIONS)
        except TimeoutError:
            return Finding(_PART, Level.FAILURE, "does not answer", advice)
        except PipelineError as error:
            return Finding(_PART, Level.FAILURE, str(error), advice)
        return Finding(_PART, Level.OK, str(self._objects.address))
