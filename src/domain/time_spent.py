"""Where the time of a run went: what is waited for, moment by moment, and how it adds up."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager

STAGES = ("fetching", "merging", "committing", "publishing", "other")
"""Of a run, one after another; together they are the whole."""

NETWORK, LIMITS, CACHE = "network", "limits", "cache"
PARTS = (NETWORK, LIMITS, CACHE, "parsing", "writing", "between")
"""Of the fetching; together they are that stage."""

_GRAIN = 0.0005  # seconds; changes that are closer together are one


class SharedTime:
    """Wall time, each moment shared out among all that is waited for in it.

    While ten requests are under way and thirty wait for a limit, a quarter of the time is the
    network's. Moments in which nothing is waited for belong to nobody.
    """

    __slots__ = ("_counts", "_seconds", "_since")

    def __init__(self) -> None:
        self._counts = {NETWORK: 0, LIMITS: 0, CACHE: 0}
        self._seconds = dict.fromkeys(self._counts, 0.0)
        self._since = 0.0

    def change(self, what: str, by: int, now: float) -> None:
        """So many more wait for something from now on (monotonic seconds), or so many fewer."""
        if now - self._since >= _GRAIN:
            self._settle(now)
        self._counts[what] += by

    @contextmanager
    def counted(self, what: str, by: int, clock: Callable[[], float]) -> Generator[None]:
        """So many more wait for something within the context."""
        self.change(what, by, clock())
        try:
            yield
        finally:
            self.change(what, -by, clock())

    def seconds(self, now: float) -> dict[str, float]:
        """Seconds by what was waited for, up to now; what was never waited for is left out."""
        if now > self._since:
            self._settle(now)
        return {what: seconds for what, seconds in self._seconds.items() if seconds}

    def _settle(self, now: float) -> None:
        if waiting := sum(self._counts.values()):
            each = (now - self._since) / waiting
            for what, count in self._counts.items():
                self._seconds[what] += each * count
        self._since = now


def fetching_parts(
    took: float, shared: Mapping[str, float], *, parsing: float, writing: float
) -> dict[str, float]:
    """The seconds of a stage of fetching by what they went into; they add up to it.

    While an answer is read nothing else comes on, so what was waited for meanwhile counts less
    by that. Of the writing only what nothing was asked beside counts.

    Args:
        took: seconds of the stage.
        shared: of these, seconds in which something was waited for.
        parsing: seconds spent reading answers.
        writing: seconds spent writing rows and checkpoints, beside all else or not.
    """
    parsing = min(parsing, took)
    waited = sum(shared.values())
    left = (took - parsing) / max(took, waited) if waited else 0.0
    parts = {what: shared.get(what, 0.0) * left for what in (NETWORK, LIMITS, CACHE)}
    alone = max(0.0, took - parsing - sum(parts.values()))
    written = min(writing, alone)
    return {**parts, "parsing": parsing, "writing": written, "between": alone - written}


def apportioned(parts: Sequence[float], whole: int) -> list[int]:
    """Whole numbers that are to each other as the parts, and add up to the whole."""
    total = sum(parts)
    if total <= 0:
        return [0] * len(parts)
    exact = [whole * part / total for part in parts]
    found = [int(each) for each in exact]
    by_rest = sorted(range(len(parts)), key=lambda at: found[at] - exact[at])
    for at in by_rest[: whole - sum(found)]:
        found[at] += 1
    return found
