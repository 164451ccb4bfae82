"""Brings many targets up to date, at a cost for each that does not grow with their number."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

import structlog

from application.crew import Crew, Meeting
from application.ingest_request import IngestRequest
from application.ingest_target import IngestTarget
from application.ports.clock import Clock
from application.ports.fetchers import Fetchers
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import Publisher
from application.ports.source_registry import SourceRegistry
from application.put_in_order import Owner, PutInOrder
from application.shared_commits import SharedCommits
from application.shared_publisher import SharedPublisher
from application.side_by_side import SideBySide
from application.stopped_runs import StoppedRuns
from application.targets_listener import TargetsListener
from domain.errors import (
    ConfigurationError,
    PipelineError,
    RefusedError,
    StorageError,
    UpstreamDownError,
)

MEMBERS = 400
"""Most targets that are under way at once; each holds two files open until it is committed."""
FETCHING = 8
"""Of these, how many ask their upstream."""
_SOON = 0.5  # seconds to gather those whose turn comes at the same time
_HOPELESS = 20  # targets in a row that could not be stored
_log = structlog.get_logger()


class IngestTargets:
    """Ingests of many targets, each a run of its own that is committed together with others.

    A few hundred are under way at once, and a few of them fetch. Those that are sealed wait until
    all others wait too, or some seconds: then one version publishes them all. The locks of their
    targets are held until then. One that fails is left out. A kill before the commit leaves each
    of them with its own checkpoint.

    Args:
        ingest: makes the ingest of one target over the given ports.
        members: targets that are under way at once.
    """

    def __init__(
        self,
        *,
        ingest: Callable[..., IngestTarget],
        registry: SourceRegistry,
        fetchers: Fetchers,
        manifests: ManifestLog,
        publisher: Publisher,
        in_order: PutInOrder,
        clock: Clock,
        members: int = MEMBERS,
    ) -> None:
        self._members = members
        self._make_ingest = ingest
        self._registry = registry
        self._fetchers = fetchers
        self._manifests = manifests
        self._publisher = publisher
        self._clock = clock
        self._in_order = in_order

    async def execute(self, requests: Sequence[IngestRequest], listener: TargetsListener) -> None:
        """Ingest them all; an error ends its own target, and the listener is told.

        When this is cancelled, what is sealed is committed first, and the others leave their
        checkpoints.

        Raises:
            ConfigurationError, RefusedError: every target would meet it; those under way are
                brought to their end first.
            StorageError: what is derived from the newest version cannot be written.
        """
        crew = Crew(self._clock)
        commits = SharedCommits(self._manifests, crew)
        work = _Work(deque(self._by_target(requests)), listener, commits)
        order = Meeting[Owner, StoppedRuns](crew, self._in_order.execute, _SOON)
        ingest = self._make_ingest(
            fetchers=SideBySide(self._fetchers, FETCHING),
            manifests=commits,
            publisher=SharedPublisher(self._publisher, self._manifests, crew),
            in_order=order.attend,
        )
        async with self._fetchers.shared():
            members = [
                asyncio.create_task(work.member(crew, ingest))
                for _ in range(min(self._members, len(work.left)))
            ]
            try:
                with crew.membership():
                    await asyncio.sleep(0)  # all of them are members before any of them waits
                await asyncio.wait(members)
            except asyncio.CancelledError:
                work.left.clear()
                work.is_stopped = True
                for each in members:
                    if each not in commits.committing:
                        each.cancel()
                crew.hurry()
                try:
                    await self._finish(crew, members)
                except StorageError as error:
                    _log.error("publish.failed", reason=str(error))
                raise
            await self._finish(crew, members)
        for each in members:
            each.result()
        if work.fatal is not None:
            raise work.fatal

    async def _finish(self, crew: Crew, members: Sequence[asyncio.Task[None]]) -> None:
        while not all(each.done() for each in members):
            try:
                await asyncio.wait(members)
            except asyncio.CancelledError:
                continue
        await crew.close()
        newest = await self._manifests.latest()
        if newest.version:
            await self._publisher.publish_all(newest, ())

    def _by_target(self, requests: Sequence[IngestRequest]) -> list[list[IngestRequest]]:
        """Those of one target come one after another, since it has one lock."""
        found: dict[tuple[str, str], list[IngestRequest]] = {}
        for request in requests:
            found.setdefault((request.domain, self._target(request)), []).append(request)
        return list(found.values())

    def _target(self, request: IngestRequest) -> str:
        try:
            source = self._registry.get(request.domain, request.source)
            return source.check_target(request.target)
        except PipelineError:
            return request.target  # its turn will tell


class _Work:
    """What is left to do, and what has ended all of it.

    Attributes:
        left: requests by target.
        fatal: the first error that every target would meet.
    """

    def __init__(
        self, left: deque[list[IngestRequest]], listener: TargetsListener, commits: SharedCommits
    ) -> None:
        self.left = left
        self.fatal: ConfigurationError | RefusedError | None = None
        self.is_stopped = False
        self._listener = listener
        self._commits = commits
        self._in_a_row = 0

    async def member(self, crew: Crew, ingest: IngestTarget) -> None:
        """Take one target after another until nothing is left."""
        with crew.membership():
            while self.left:
                for request in self.left.popleft():
                    if not self.is_stopped:
                        await self._ingest(ingest, request)

    async def _ingest(self, ingest: IngestTarget, request: IngestRequest) -> None:
        progress = self._listener.begun(request)
        try:
            run = await ingest.execute(request, progress)
        except (ConfigurationError, RefusedError) as error:
            self.fatal = self.fatal or error
            self.left.clear()
            self._listener.ended(request, error)
        except UpstreamDownError as error:
            self.left.clear()
            self._listener.ended(request, error)
        except PipelineError as error:
            self._failed(error)
            self._listener.ended(request, error)
        except BaseException:
            self.left.clear()
            self._listener.ended(request, None)
            raise
        else:
            self._in_a_row = 0
            self._listener.ended(request, run)
        finally:
            self._commits.committing.discard(asyncio.current_task())

    def _failed(self, error: PipelineError) -> None:
        """A disk that is full stays so for all the others."""
        self._in_a_row = self._in_a_row + 1 if isinstance(error, StorageError) else 0
        if self._in_a_row >= _HOPELESS:
            self.left.clear()
