"""The publisher as one of many targets sees it."""

from collections.abc import Collection, Mapping, Sequence

from application.crew import Crew, Meeting
from application.ports.manifest_log import ManifestLog
from application.ports.publisher import WHOLE, Publisher
from domain.manifest import Manifest

_SOON = 0.5  # seconds for those who were committed together
_PAUSE = 30.0  # seconds between two times that what is of the whole version is made
_SHARE = 10  # it may take a tenth of the time, and grows with what is there already


class SharedPublisher(Publisher):
    """Publishes the targets of a crew that were committed together in one go.

    What is derived from a version as a whole is made when the last time is long past, next to
    what it takes; whoever has the crew makes it in the end.
    """

    def __init__(self, publisher: Publisher, manifests: ManifestLog, crew: Crew) -> None:
        self._publisher = publisher
        self._manifests = manifests
        self._clock = crew.clock
        self._due = self._clock.monotonic()
        self._meeting = Meeting[Collection[str], Mapping[str, Sequence[str]]](
            crew, self._publish, _SOON
        )

    async def publish_all(
        self, manifest: Manifest, targets: Collection[str] | None = None, *, whole: bool = True
    ) -> Mapping[str, Sequence[str]]:
        """Bring the derived files of some targets up to the newest version."""
        if targets is None:
            return await self._publisher.publish_all(manifest, whole=whole)
        found = await self._meeting.attend(targets)
        return {name: found[name] for name in (*targets, WHOLE) if name in found}

    async def _publish(
        self, several: Sequence[Collection[str]]
    ) -> Sequence[Mapping[str, Sequence[str]]]:
        began = self._clock.monotonic()
        whole = began >= self._due
        targets = {target for targets in several for target in targets}
        newest = await self._manifests.latest()
        found = await self._publisher.publish_all(newest, targets, whole=whole)
        if whole:
            now = self._clock.monotonic()
            self._due = now + max(_PAUSE, _SHARE * (now - began))
        return [found for _ in several]
