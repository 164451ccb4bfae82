"""What earlier runs of a target left behind."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.checkpoint import Checkpoint


class StoppedRuns(NamedTuple):
    """Of one target.

    Attributes:
        checkpoints: newest first.
        notes: why some that were stopped cannot be continued any more.
    """

    checkpoints: Sequence[Checkpoint] = ()
    notes: Sequence[str] = ()
