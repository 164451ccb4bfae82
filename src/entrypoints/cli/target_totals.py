"""What became of the targets of one command."""

from collections.abc import Iterator

from domain.runs import RunState
from entrypoints.cli.exit_codes import STATE_CODES

_MANY = 10
_NAMED = 20


class TargetTotals:
    """Counts the targets of a command, and remembers the first that failed."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self.codes: list[int] = []
        self._failed: list[str] = []

    @property
    def are_many(self) -> bool:
        """Too many for more than a line each."""
        return self._expected > _MANY

    def add(self, target: str, code: int) -> None:
        """A target has ended, with that exit code."""
        self.codes.append(code)
        if code not in (0, STATE_CODES[RunState.PARTIAL]):
            self._failed.append(target)

    def lines(self) -> Iterator[str]:
        """Totals; nothing where there was one target."""
        if self._expected < 2:  # noqa: PLR2004  # one target speaks for itself
            return
        partial = self.codes.count(STATE_CODES[RunState.PARTIAL])
        words = [
            f"{len(self.codes):,} targets",
            f"{self.codes.count(0):,} up to date",
            *([f"{partial:,} partial"] if partial else []),
            *([f"{len(self._failed):,} failed"] if self._failed else []),
        ]
        yield "; ".join(words)
        if self._failed:
            left = len(self._failed) - _NAMED
            more = f" and {left:,} more" if left > 0 else ""
            yield f"  failed: {', '.join(self._failed[:_NAMED])}{more}"
