"""Looks the installation over (`app doctor`)."""

import asyncio
from collections.abc import Sequence

from application.ports.health_probe import HealthProbe
from domain.health import Finding


class Diagnose:
    """Asks every probe."""

    def __init__(self, *, probes: Sequence[HealthProbe]) -> None:
        self._probes = probes

    async def execute(self) -> Sequence[Finding]:
        """All findings, in the order of the probes."""
        found = await asyncio.gather(*(probe.probe() for probe in self._probes))
        return [finding for findings in found for finding in findings]
