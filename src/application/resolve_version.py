"""Finds the version that somebody names."""

from collections.abc import Sequence
from datetime import UTC, datetime

from application.ports.clock import Clock
from application.ports.manifest_log import ManifestLog
from application.ports.run_log import RunLog
from application.ports.version_history import VersionHistory
from domain.errors import NotFoundError
from domain.manifest import Manifest
from domain.snapshots import Snapshot, missing_version
from domain.version_reference import (
    FORMS,
    MomentReference,
    RunReference,
    VersionNumber,
    read_version_reference,
)

_SHORTEST = 6  # characters of a run's id: fewer are rather a slip than a name


class ResolveVersion:
    """One way to name a version for every command that takes one."""

    def __init__(
        self, *, manifests: ManifestLog, history: VersionHistory, runs: RunLog, clock: Clock
    ) -> None:
        self._manifests = manifests
        self._history = history
        self._runs = runs
        self._clock = clock

    async def execute(self, text: str) -> Manifest:
        """The version that a number, a run or a moment means.

        Raises:
            UsageError: the text has none of these forms.
            NotFoundError: no such version or run, one that was pruned, or a moment before the
                first version; the message says which.
        """
        match read_version_reference(text, self._clock.now()):
            case VersionNumber(number):
                return await self._manifests.at(number)
            case RunReference(run_id):
                return await self._manifests.at(await self._made_by(run_id))
            case MomentReference(moment):
                return await self._current_at(moment)

    async def _current_at(self, moment: datetime) -> Manifest:
        kept = await self._history.kept()
        number = max((each.version for each in kept if each.committed_at <= moment), default=None)
        if number is None:
            raise _too_early(moment, kept, await self._history.pruned())
        return await self._manifests.at(number)

    async def _made_by(self, run_id: str) -> int:
        """The version of a run; the versions themselves know more than the log."""
        made = {
            run_id: each.version
            for each in (*await self._history.pruned(), *await self._history.kept())
            for run_id in each.runs
        }
        if run_id in made:
            return made[run_id]
        matches = [each for each in made if each.startswith(run_id)]
        if len(run_id) < _SHORTEST or len(matches) > 1:
            hint = f"{len(matches)} runs begin so. {FORMS}" if matches else FORMS
            raise NotFoundError(what="version or run", name=run_id, hint=hint)
        return made[matches[0]] if matches else await self._found_by(run_id)

    async def _found_by(self, run_id: str) -> int:
        """For a run that made no version: the one that it found to say the same already."""
        try:
            run = await self._runs.get(run_id)
        except NotFoundError as error:
            raise NotFoundError(what="version or run", name=run_id, hint=FORMS) from error
        if run.unchanged and run.version is not None:
            return run.version
        hint = f"It is {run.state.value} and made no version; `app runs` tells more."
        raise NotFoundError(what="version of the run", name=run.run_id, hint=hint)


def _too_early(
    moment: datetime, kept: Sequence[Snapshot], pruned: Sequence[Snapshot]
) -> NotFoundError:
    name = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if not kept:
        return missing_version(0, ())
    was = max((each.version for each in pruned if each.committed_at <= moment), default=None)
    oldest = kept[0].committed_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if was is not None:
        hint = (
            f"Version {was} was current then and is pruned; the oldest that is kept is of {oldest}."
        )
    elif pruned:
        hint = f"The oldest one that is kept is version {kept[0].version} of {oldest}."
    else:
        hint = f"The first one is version {kept[0].version} of {oldest}."
    return NotFoundError(what="version", name=name, hint=hint)
