"""Keeps a run resumable while it walks."""

import asyncio

import structlog

from application.attempt import Attempt
from application.ports.checkpoints import Checkpoints
from application.ports.clock import Clock
from application.ports.dataset_writer import Staging
from application.walk_target import WalkTarget
from domain.checkpoint import Checkpoint

EVERY_REQUESTS = 1_000
EVERY_SECONDS = 30.0
_log = structlog.get_logger()


class Checkpointer:
    """Saves a checkpoint every so many requests, or after half a minute."""

    def __init__(
        self,
        attempt: Attempt,
        walk: WalkTarget,
        staging: Staging,
        checkpoints: Checkpoints,
        clock: Clock,
    ) -> None:
        self._attempt = attempt
        self._walk = walk
        self._staging = staging
        self._checkpoints = checkpoints
        self._clock = clock
        self._due = asyncio.Event()
        self._saved_at = self._stands
        self._saving = asyncio.Lock()

    def advanced(self) -> None:
        """The walk has come further."""
        if self._walk.numbers.asked - self._saved_at[0] >= EVERY_REQUESTS:
            self._due.set()

    async def run(self) -> None:
        """Save again and again, until cancelled.

        Raises:
            StorageError: a checkpoint cannot be written.
        """
        while True:
            waits = [
                asyncio.ensure_future(self._due.wait()),
                asyncio.ensure_future(self._clock.sleep(EVERY_SECONDS)),
            ]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in waits:
                    each.cancel()
            await self.save()

    async def save(self) -> None:
        """Save where the walk stands now, unless it stands where it stood."""
        async with self._saving:
            stands = self._stands
            if stands == self._saved_at:
                return
            self._due.clear()
            began = self._clock.monotonic()
            # One step, without a wait: rows and requests of the same moment.
            state, staged = self._walk.state(), self._staging.checkpoint()
            run = self._attempt.now()
            before, self._saved_at = self._saved_at, stands
            try:
                tables = await staged
                await self._checkpoints.save(
                    Checkpoint(
                        run=run,
                        plan=self._attempt.job.plan,
                        at=self._clock.now(),
                        walk=state,
                        tables=tables,
                    )
                )
            except BaseException:
                self._saved_at = before  # a run that is stopped now has its last words left
                raise
            self._attempt.has_checkpoint = True
            self._attempt.saving += self._clock.monotonic() - began
            _log.debug("checkpoint.saved", run_id=run.run_id, items=state.items)

    @property
    def _stands(self) -> tuple[int, int, int]:
        numbers = self._walk.numbers
        return numbers.asked, numbers.items, numbers.pages
