"""A run in a few live lines on a terminal."""

import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager

from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.text import Text

from application.ports.clock import Clock
from application.ports.progress import ProgressReport
from domain.host_figures import HostFigures, host_figures
from domain.runs import Run
from domain.terminal_text import printable
from entrypoints.cli.output import colors_wanted
from entrypoints.cli.pace import Pace
from entrypoints.cli.run_progress import RunProgress
from entrypoints.cli.words import cache_share, share, span

_REFRESHES = 8  # a second
_DOTS, _ASCII = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "-\\|/"
_HOSTS = 3  # the busiest
_INDENT, _GAP = "  ", "  "


class LiveProgress(RunProgress):
    """Done and total, rate, time to go, cache, retries and failures, redrawn in place.

    As many lines as the terminal is narrow: no number is cut off. The busiest hosts follow, where
    there are several. Log lines that are written meanwhile appear above.
    """

    def __init__(self, label: str, clock: Clock) -> None:
        self._label = printable(label)
        self._pace = Pace(clock)
        self._report: ProgressReport | None = None
        self._console = Console(file=sys.stderr, no_color=not colors_wanted(), highlight=False)
        self._frames = _DOTS if self._console.encoding.startswith("utf") else _ASCII

    @asynccontextmanager
    async def shown(self) -> AsyncGenerator[None]:
        """The lines are there within the context, and gone after it."""
        with Live(
            get_renderable=self.lines,
            console=self._console,
            transient=True,
            refresh_per_second=_REFRESHES,
            redirect_stdout=False,
        ):
            yield

    def started(self, run: Run) -> None:
        """What a stopped run had done already was not done now."""
        super().started(run)
        self._pace.begin(run.items)

    def advanced(self, report: ProgressReport) -> None:
        """Redrawn at the next refresh."""
        self._report = report
        self._pace.add(report.done)

    def lines(self) -> Text:
        """The lines as they should look now."""
        frame = self._frames[int(self._pace.elapsed * _REFRESHES) % len(self._frames)]
        text = Text(f"{frame} ", style="cyan", no_wrap=True, overflow="ellipsis")
        text.append(self._label, style="bold default")
        used = cell_len(text.plain)
        for part in self._parts():
            fits = used + len(_GAP) + len(part) <= self._console.width
            text.append((_GAP if fits else f"\n{_INDENT}") + part, style="default")
            used = (used + len(_GAP) if fits else len(_INDENT)) + len(part)
        for line in self._hosts():
            text.append(f"\n{_INDENT}{line}", style="default")
        return text

    def _parts(self) -> Iterator[str]:
        report = self._report
        if report is None:
            yield f"starting  {span(self._pace.elapsed)}"
            return
        if report.stage != "fetching":
            yield from (report.stage, f"{report.done:,} items", span(self._pace.elapsed))
            return
        if report.total:
            yield f"{report.done:,}/{report.total:,}"
            yield share(min(report.done, report.total), report.total)
        else:
            yield f"{report.done:,}"
        yield f"{self._pace.rate():,.0f}/s"
        remaining = self._pace.remaining(report.done, report.total)
        yield f"ETA {span(remaining)}" if remaining is not None else "ETA ?"
        yield from _counts(report)

    def _hosts(self) -> Iterator[str]:
        """The busiest hosts; nothing where there is one, which the first line tells of."""
        report = self._report
        hosts = host_figures(report.statistics) if report else ()
        if report is None or report.stage != "fetching" or len(hosts) < 2:  # noqa: PLR2004  # several
            return
        busiest = sorted(hosts, key=lambda each: -(each.requests + each.cache_hits))[:_HOSTS]
        width = max(cell_len(each.host) for each in busiest)
        for each in busiest:
            yield f"{each.host:<{width}}{_GAP}{_host(each)}"
        if len(hosts) > _HOSTS:
            yield f"and {len(hosts) - _HOSTS} more hosts"


def _counts(report: ProgressReport) -> Iterator[str]:
    fetched = report.statistics
    if report.pages:
        yield f"pages {report.pages:,}"
    yield f"cache {cache_share(fetched)}"
    if fetched.retries:
        yield f"retries {fetched.retries:,}"
    if fetched.throttled:
        yield f"throttled {fetched.throttled:,}"
    if (limits := fetched.shared.get("limits", 0.0)) >= 1:
        yield f"held back {span(limits)}"
    if report.failures:
        yield f"failed {report.failures:,}"


def _host(each: HostFigures) -> str:
    wanted = each.requests + each.cache_hits
    return f"asked {each.requests:,}{_GAP}cache {share(each.cache_hits, wanted)}"
