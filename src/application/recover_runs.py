"""Puts in order what a killed run of a target left behind."""

from dataclasses import replace

import structlog

from application.ports.clock import Clock
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.run_log import RunLog
from domain.runs import Run, RunState, finished

_log = structlog.get_logger()


class RecoverRuns:
    """For the holder of a target's lock: no run of it can be under way."""

    def __init__(
        self, manifests: ManifestLog, publisher: Publisher, runs: RunLog, clock: Clock
    ) -> None:
        self._manifests = manifests
        self._publisher = publisher
        self._runs = runs
        self._clock = clock

    async def execute(self, domain: str, target: str) -> None:
        """Finish runs that still say `running`; publish again what a kill kept from being so."""
        manifest = await self._manifests.latest()
        committed = {
            dataset.run_id
            for table in manifest.tables.values()
            for dataset in table.datasets.values()
        }
        for run in await self._runs.all():
            if (run.domain, run.target, run.state) != (domain, target, RunState.RUNNING):
                continue
            if run.run_id not in committed:
                await self._close(run, RunState.INTERRUPTED, "killed before the end")
                continue
            files = await self._publisher.publish(manifest, target)
            await self._close(
                replace(run, version=manifest.version, files=tuple(files)),
                RunState.PARTIAL,
                "killed after its version was committed; counts are lost",
            )

    async def _close(self, run: Run, state: RunState, error: str) -> None:
        _log.info("run.recovered", run_id=run.run_id, state=state.value)
        await self._runs.save(finished(run, state, self._clock.now(), error))
