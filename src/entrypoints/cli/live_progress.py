"""A run as one live line on a terminal."""

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from application.ports.clock import Clock
from application.ports.progress import ProgressReport
from domain.terminal_text import printable
from entrypoints.cli.output import colors_wanted
from entrypoints.cli.pace import Pace
from entrypoints.cli.run_progress import RunProgress
from entrypoints.cli.words import cache_share, share, span

_REFRESHES = 8  # a second
_DOTS, _ASCII = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "-\\|/"


class LiveProgress(RunProgress):
    """Done and total, rate, time to go, cache, retries and failures, redrawn in place.

    Log lines that are written meanwhile appear above it.
    """

    def __init__(self, label: str, clock: Clock) -> None:
        self._label = printable(label)
        self._pace = Pace(clock)
        self._report: ProgressReport | None = None
        self._console = Console(file=sys.stderr, no_color=not colors_wanted(), highlight=False)
        self._frames = _DOTS if self._console.encoding.startswith("utf") else _ASCII

    @asynccontextmanager
    async def shown(self) -> AsyncGenerator[None]:
        """The line is there within the context, and gone after it."""
        with Live(
            get_renderable=self.line,
            console=self._console,
            transient=True,
            refresh_per_second=_REFRESHES,
            redirect_stdout=False,
        ):
            yield

    def advanced(self, report: ProgressReport) -> None:
        """Redrawn at the next refresh."""
        self._report = report
        self._pace.add(report.done)

    def line(self) -> Text:
        """The line as it should look now."""
        frame = self._frames[int(self._pace.elapsed * _REFRESHES) % len(self._frames)]
        text = Text(f"{frame} ", style="cyan", no_wrap=True, overflow="ellipsis")
        text.append(self._label, style="bold default")
        text.append("  " + "  ".join(self._parts()), style="default")
        return text

    def _parts(self) -> list[str]:
        report = self._report
        if report is None:
            return [f"starting  {span(self._pace.elapsed)}"]
        if report.stage != "fetching":
            return [report.stage, f"{report.done:,} items", span(self._pace.elapsed)]
        parts = [f"{report.done:,}"]
        if report.total:
            done = min(report.done, report.total)
            parts = [f"{report.done:,}/{report.total:,}", share(done, report.total)]
        parts.append(f"{self._pace.rate():,.0f}/s")
        remaining = self._pace.remaining(report.done, report.total)
        parts.append(f"ETA {span(remaining)}" if remaining is not None else "ETA ?")
        if report.pages:
            parts.append(f"pages {report.pages:,}")
        fetched = report.statistics
        parts.append(f"cache {cache_share(fetched)}")
        if fetched.retries:
            parts.append(f"retries {fetched.retries:,}")
        if fetched.throttled:
            parts.append(f"throttled {fetched.throttled:,}")
        if fetched.waited >= 1:
            parts.append(f"waited {span(fetched.waited)}")
        if report.failures:
            parts.append(f"failed {report.failures:,}")
        return parts
