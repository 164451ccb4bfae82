"""Puts in order what a killed run of a target left behind."""

from dataclasses import replace

import structlog

from application.list_runs import as_saved
from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.run_log import RunLog
from domain.errors import NotFoundError, StorageError
from domain.runs import KILLED, Run, RunState, finished

_log = structlog.get_logger()


class RecoverRuns:
    """For the holder of a target's lock: no run of it can be under way."""

    def __init__(
        self,
        manifests: ManifestLog,
        publisher: Publisher,
        runs: RunLog,
        checkpoints: Checkpoints,
        clock: Clock,
    ) -> None:
        self._manifests = manifests
        self._publisher = publisher
        self._runs = runs
        self._checkpoints = checkpoints
        self._clock = clock

    async def execute(self, domain: str, target: str) -> None:
        """Finish runs that still say `running`; publish again what a kill kept from being so.

        A run that says it failed, and whose version is the newest, failed after its commit.
        Published files that cannot be written now are left to the commit that follows.
        """
        newest = (await self._manifests.latest()).run_id
        for run in (*await self._runs.running(), *await self._ended_without_version(newest)):
            if (run.domain, run.target) != (domain, target):
                continue
            version = await self._manifests.version_of(run.run_id)
            if version is None:
                saved = as_saved(run, await self._checkpoints.all())
                await self._close(saved, RunState.INTERRUPTED, KILLED)
                continue
            await self._close(
                replace(run, version=version, files=await self._publish(target)),
                RunState.PARTIAL,
                "killed after its version was committed",
            )

    async def _ended_without_version(self, newest: str) -> list[Run]:
        try:
            run = await self._runs.get(newest)
        except NotFoundError:
            return []
        return [run] if run.state is not RunState.RUNNING and run.version is None else []

    async def _publish(self, target: str) -> tuple[str, ...]:
        try:
            return tuple(await self._publisher.publish(await self._manifests.latest(), target))
        except StorageError as error:
            _log.warning("run.not_published_again", target=target, reason=str(error))
            return ()

    async def _close(self, run: Run, state: RunState, error: str) -> None:
        _log.info("run.recovered", run_id=run.run_id, state=state.value)
        await self._runs.save(finished(run, state, self._clock.now(), error))
