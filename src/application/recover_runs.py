"""Puts in order what a killed run of a target left behind."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

import structlog

from application.list_runs import as_saved
from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import WHOLE, Publisher
from application.ports.run_log import RunLog
from domain.errors import NotFoundError, StorageError
from domain.manifest import Manifest
from domain.runs import KILLED, Run, RunState, finished

_log = structlog.get_logger()


class RecoverRuns:
    """For the holder of the targets' locks: no run of them can be under way."""

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

    async def execute(self, owners: Collection[tuple[str, str]]) -> None:
        """Finish runs that still say `running`; publish again what a kill kept from being so.

        A run that says it failed, and that made the newest version, failed after its commit.
        Published files that cannot be written now are left to the commit that follows.

        Args:
            owners: domains and targets whose runs are looked at.
        """
        newest, wanted = await self._manifests.latest(), set(owners)
        running = [run for run in await self._runs.running() if _owner(run) in wanted]
        ended = await self._ended_without_version(newest, wanted)
        if not running and not ended:
            return
        saved = await self._checkpoints.all()
        made: list[Run] = []
        for run in (*running, *ended):
            version = await self._manifests.version_of(run.run_id)
            if version is not None:
                made.append(replace(run, version=version))
                continue
            await self._close(as_saved(run, saved), RunState.INTERRUPTED, KILLED)
        files = await self._publish({run.target for run in made}) if made else {}
        for run in made:
            own = (*files.get(run.target, ()), *files.get(WHOLE, ()))
            words = "killed after its version was committed"
            await self._close(replace(run, files=own), RunState.PARTIAL, words)

    async def _ended_without_version(
        self, newest: Manifest, wanted: Collection[tuple[str, str]]
    ) -> list[Run]:
        makers = set(newest.runs)
        made = {
            dataset.run_id
            for domain, target in wanted
            for name in newest.tables
            if name.startswith(f"{domain}.") and (dataset := newest.dataset(name, target))
        }
        found: list[Run] = []
        for run_id in sorted(made & makers):
            with suppress(NotFoundError):
                found.append(await self._runs.get(run_id))
        return [run for run in found if run.state is not RunState.RUNNING and run.version is None]

    async def _publish(self, targets: Collection[str]) -> Mapping[str, Sequence[str]]:
        try:
            return await self._publisher.publish_all(await self._manifests.latest(), targets)
        except StorageError as error:
            _log.warning("run.not_published_again", targets=len(targets), reason=str(error))
            return {}

    async def _close(self, run: Run, state: RunState, error: str) -> None:
        _log.info("run.recovered", run_id=run.run_id, state=state.value)
        await self._runs.save(finished(run, state, self._clock.now(), error))


def _owner(run: Run) -> tuple[str, str]:
    return run.domain, run.target
