"""What became of the targets of one command."""

from collections.abc import Iterator

from domain.runs import RunState
from entrypoints.cli.exit_codes import STATE_CODES

_MANY = 10
_NAMED = 20


class TargetTotals:
    """Counts the targets of a command, and remembers the first that failed.

    Attributes:
        expected: how many there are.
        codes: exit codes of those that have ended.
        said: failures that were explained.
    """

    def __init__(self, expected: int) -> None:
        self.expected = expected
        self.codes: list[int] = []
        self.said = 0
        self._failed: list[str] = []
        self._unchanged = 0

    @property
    def are_many(self) -> bool:
        """Too many for words about each."""
        return self.expected > _MANY

    @property
    def failures(self) -> int:
        """How many have failed."""
        return len(self._failed)

    def add(self, target: str, code: int, *, unchanged: bool = False) -> None:
        """A target has ended, with that exit code; without news, if it was unchanged."""
        self.codes.append(code)
        self._unchanged += unchanged
        if code not in (0, STATE_CODES[RunState.PARTIAL]):
            self._failed.append(target)

    def lines(self) -> Iterator[str]:
        """Totals; nothing where there was one target."""
        if self.expected < 2:  # noqa: PLR2004  # one target speaks for itself
            return
        partial = self.codes.count(STATE_CODES[RunState.PARTIAL])
        left = self.expected - len(self.codes)
        words = [
            f"{self.expected:,} targets",
            f"{self.codes.count(0):,} up to date",
            *([f"{self._unchanged:,} of them unchanged"] if self._unchanged else []),
            *([f"{partial:,} partial"] if partial else []),
            *([f"{len(self._failed):,} failed"] if self._failed else []),
            *([f"{left:,} not done"] if left else []),
        ]
        yield "; ".join(words)
        if self._failed:
            others = len(self._failed) - _NAMED
            more = f" and {others:,} more" if others > 0 else ""
            yield f"  failed: {', '.join(self._failed[:_NAMED])}{more}"
