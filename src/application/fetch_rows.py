"""The part of an ingest that asks the upstream: from the first request to the last row staged."""

import asyncio
from collections.abc import Callable, Coroutine

import structlog

from application.attempt import Attempt
from application.checkpointer import Checkpointer
from application.first_error import first_error
from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.dataset_writer import Staging
from application.ports.fetchers import Fetchers
from application.progress_reporter import ProgressReporter
from application.walk_numbers import WalkNumbers
from application.walk_target import WalkTarget
from domain.errors import PipelineError, StorageError
from domain.manifest import Manifest

_LAST_WORDS = 5.0  # seconds for the checkpoint of a run that is being stopped
_log = structlog.get_logger()


class FetchRows:
    """Walks a target into a staging area, and leaves a checkpoint when it is stopped."""

    def __init__(self, fetchers: Fetchers, checkpoints: Checkpoints, clock: Clock) -> None:
        self._fetchers = fetchers
        self._checkpoints = checkpoints
        self._clock = clock

    async def execute(self, attempt: Attempt, staging: Staging, manifest: Manifest) -> WalkNumbers:
        """What the finished walk has come to.

        Raises:
            PipelineError: the run cannot be completed now.
        """
        job = attempt.job
        async with self._fetchers.open(job.source, job.fetch) as fetcher:
            attempt.fetched = fetcher.statistics
            reporter = ProgressReporter(attempt.progress, fetcher, self._clock)
            walk = WalkTarget(
                job.source,
                fetcher,
                staging,
                clock=self._clock,
                max_errors=job.request.max_errors,
                reading=f"{job.plan.made_by} {job.plan.series}",
            )
            numbers = attempt.walk = walk.numbers
            if attempt.begun:
                walk.restore(attempt.begun.walk)
            else:
                walk.begin(job.first(manifest))
            keeper = Checkpointer(attempt, walk, staging, self._checkpoints, self._clock)

            def advanced() -> None:
                reporter.advanced(numbers)
                keeper.advanced()

            try:
                await self._walk(walk, advanced, keeper.run(), reporter.run(numbers))
            except StorageError:
                raise
            except BaseException:
                await self._leave(keeper)
                raise
            await keeper.save()
            reporter.entered("writing", numbers)
        return numbers

    @staticmethod
    async def _walk(
        walk: WalkTarget, advanced: Callable[[], None], *beside: Coroutine[None, None, None]
    ) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(each) for each in beside]
                await walk.run(advanced)
                for each in tasks:
                    each.cancel()
        except* PipelineError as errors:
            raise first_error(errors) from errors

    async def _leave(self, keeper: Checkpointer) -> None:
        """A last checkpoint, so that what is stopped in good order repeats nothing."""
        try:
            async with asyncio.timeout(_LAST_WORDS):
                await asyncio.shield(keeper.save())
        except (StorageError, TimeoutError) as error:
            _log.warning("checkpoint.not_saved", reason=str(error) or "no time left")
