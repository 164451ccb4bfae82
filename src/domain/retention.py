"""Which versions may go."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.snapshots import Snapshot

GRACE = timedelta(hours=24)
"""A version that was the newest one so recently stays: who began to read it may still do so."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What is to be kept; a version goes only if each rule that is given lets it go.

    Attributes:
        keep: so many of the newest versions stay.
        older_than: what was the newest one within so long stays, so that any moment of this
            span can still be asked for.
    """

    keep: int | None = None
    older_than: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """What a retention comes to, each in the order of the versions.

    Attributes:
        doomed: versions that may go.
        young: versions that the retention gives up and that were the newest one too recently.
    """

    doomed: tuple[Snapshot, ...]
    young: tuple[Snapshot, ...]


def select(
    snapshots: Sequence[Snapshot], retention: Retention, now: datetime, grace: timedelta = GRACE
) -> Selection:
    """Divide the versions; the newest one always stays.

    Args:
        snapshots: all that are there.
        retention: what to keep; without any rule all stay.
        now: the present.
        grace: how long a version is safe after the next one was committed.
    """
    ordered = sorted(snapshots, key=lambda each: each.version)
    doomed: list[Snapshot] = []
    young: list[Snapshot] = []
    for position, (each, successor) in enumerate(itertools.pairwise(ordered)):
        # A clock that was put back may have dated a later version before an earlier one.
        superseded = max(each.committed_at, successor.committed_at)
        newer = len(ordered) - position - 1
        if not _is_given_up(retention, newer, superseded, now):
            continue
        (doomed if superseded <= now - grace else young).append(each)
    return Selection(tuple(doomed), tuple(young))


def _is_given_up(retention: Retention, newer: int, superseded: datetime, now: datetime) -> bool:
    rules = []
    if retention.keep is not None:
        rules.append(newer >= retention.keep)
    if retention.older_than is not None:
        rules.append(superseded <= now - retention.older_than)
    return bool(rules) and all(rules)
