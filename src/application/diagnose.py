"""Looks the installation over (`app doctor`)."""

import asyncio
from collections.abc import Sequence

from application.ports.health_probe import HealthProbe
from application.ports.manifest_log import ManifestLog
from application.ports.response_cache import ResponseCache
from domain.errors import PipelineError
from domain.health import Finding, Level

_PATIENCE = 10.0  # seconds for each part


class Diagnose:
    """Asks every part how it is; a part that breaks is a finding, not an error."""

    def __init__(
        self, *, probes: Sequence[HealthProbe], manifests: ManifestLog, cache: ResponseCache
    ) -> None:
        self._probes = probes
        self._manifests = manifests
        self._cache = cache

    async def execute(self) -> Sequence[Finding]:
        """All findings: the probes' first, then the catalog, then the cache."""
        found = [finding for probe in self._probes for finding in await probe.probe()]
        return [*found, await self._catalog_finding(), await self._cache_finding()]

    async def _catalog_finding(self) -> Finding:
        try:
            async with asyncio.timeout(_PATIENCE):
                manifest = await self._manifests.latest()
        except (PipelineError, TimeoutError) as error:
            return Finding("catalog", Level.FAILURE, str(error) or "does not answer")
        if manifest.version == 0:
            advice = "app ingest nft dxterminal"
            return Finding("catalog", Level.OK, "empty so far", advice)
        tables = len(manifest.tables)
        return Finding("catalog", Level.OK, f"version {manifest.version}, {tables} tables")

    async def _cache_finding(self) -> Finding:
        try:
            async with asyncio.timeout(_PATIENCE):
                usage = await self._cache.usage()
        except (PipelineError, TimeoutError) as error:
            advice = "Ingests work without it, and ask the upstream again each time."
            return Finding("cache", Level.WARNING, str(error) or "does not answer", advice)
        detail = f"{usage.store}: {usage.entries} answers, {usage.bytes / 1e6:.1f} MB"
        return Finding("cache", Level.OK, detail)
