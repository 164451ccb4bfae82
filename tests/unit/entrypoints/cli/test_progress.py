"""Progress is a live line on a terminal and a log line every half minute elsewhere."""

import asyncio
import io
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from application.ports.progress import ProgressReport
from domain.runs import FetchStatistics, Run, RunState
from entrypoints.cli.live_progress import LiveProgress
from entrypoints.cli.logged_progress import LoggedProgress
from entrypoints.cli.pace import Pace
from entrypoints.cli.progress import progress
from entrypoints.cli.words import share, size, span
from tests.fakes.fake_clock import FakeClock
from tests.support.run_cli import StandardStream

RUN = Run(
    run_id="01RUN",
    domain="nft",
    target="dx",
    source="opensea",
    state=RunState.RUNNING,
    started_at=datetime(2026, 1, 2, tzinfo=UTC),
)


def _report(done: int, total: int | None = None, *, stage: str = "fetching") -> ProgressReport:
    statistics = FetchStatistics(requests=25, cache_hits=75, retries=2)
    return ProgressReport(stage, done, total, 3, 4, statistics)


def test_the_rate_counts_the_last_half_minute() -> None:
    """A slow start does not spoil it for ever, and standing still shows."""
    clock = FakeClock()
    pace = Pace(clock)
    assert (pace.rate(), pace.remaining(0, 100)) == (0.0, None)
    for second in range(1, 101):
        clock.advance(1)
        pace.add(second if second <= 50 else 50 + (second - 50) * 10)

    assert pace.rate() == pytest.approx(10.0)
    assert pace.remaining(550, 1550) == pytest.approx(100.0)
    assert pace.remaining(550, None) is None
    assert pace.elapsed == pytest.approx(100.0)
    clock.advance(30)
    assert pace.rate() == pytest.approx(5.0)


def test_the_live_line_tells_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Done and total, share, rate, time to go, cache, retries, failures."""
    monkeypatch.setattr(sys, "stderr", StandardStream(terminal=True))
    monkeypatch.setenv("COLUMNS", "200")
    clock = FakeClock()
    live = LiveProgress("nft dx\x1b[2J", clock)
    assert live.lines().plain.endswith(r"nft dx\x1b[2J  starting  0.0 s")

    clock.advance(10)
    live.advanced(_report(12_000, 36_600))
    assert live.lines().plain.split("  ")[1:] == [
        "12,000/36,600", "32 %", "1,200/s", "ETA 20.5 s",
        "pages 3", "cache 75 %", "retries 2", "failed 4",
    ]  # fmt: skip
    live.advanced(_report(12_000))
    assert "12,000  1,200/s  ETA ?" in live.lines().plain
    live.advanced(_report(12_000, stage="writing"))
    assert live.lines().plain.endswith("writing  12,000 items  10.0 s")


def _live(width: int, monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> LiveProgress:
    monkeypatch.setattr(sys, "stderr", StandardStream(terminal=True))
    monkeypatch.setenv("COLUMNS", str(width))
    return LiveProgress("nft dxterminal", clock)


BUSY = FetchStatistics(
    requests=1_234,
    cache_hits=75,
    retries=12,
    throttled=3,
    shared={"limits": 83.0, "network": 7.0},
    asked_hosts={"api.opensea.io": 184, "ipfs.io": 2, "meta.test": 1_040, "rare.test": 8},
    cached_hosts={"meta.test": 75},
)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_no_number_is_cut_off_in_a_narrow_terminal(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes more lines instead, none of them wider than the terminal but for one long word."""
    clock = FakeClock()
    live = _live(width, monkeypatch, clock)
    clock.advance(10)
    live.advanced(ProgressReport("fetching", 12_000, 36_600, 184, 4, BUSY))
    shown = live.lines().plain
    lines = shown.split("\n")
    words = (
        "12,000/36,600", "32 %", "1,200/s", "ETA 20.5 s", "pages 184", "cache 5 %",
        "retries 12", "throttled 3", "held back 1:23", "failed 4",
    )  # fmt: skip

    assert [word for word in words if not any(word in line for line in lines)] == []
    figures = [line for line in lines if "asked" not in line]
    assert max(map(len, figures)) <= max(width, len("⠋ nft dxterminal"))


def test_the_busiest_hosts_have_lines_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the cache's share of each; a single one needs none."""
    live = _live(80, monkeypatch, FakeClock())
    live.advanced(ProgressReport("fetching", 1, None, 1, 0, BUSY))
    assert live.lines().plain.split("\n")[-4:] == [
        "  meta.test       asked 1,040  cache 6 %",
        "  api.opensea.io  asked 184  cache 0 %",
        "  rare.test       asked 8  cache 0 %",
        "  and 1 more hosts",
    ]

    alone = FetchStatistics(requests=3, asked_hosts={"meta.test": 3})
    live.advanced(ProgressReport("fetching", 1, None, 1, 0, alone))
    assert "meta.test" not in live.lines().plain


def test_a_run_that_goes_on_is_not_credited_with_what_was_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Four thousand items of an earlier attempt are no four thousand items a second."""
    clock = FakeClock()
    live = _live(200, monkeypatch, clock)
    live.started(replace(RUN, items=4_000, attempts=2))
    clock.advance(1)
    live.advanced(_report(4_100, 6_100))

    assert "4,100/6,100  67 %  100/s  ETA 20.0 s" in live.lines().plain


def test_the_live_line_is_gone_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fits its terminal, and leaves the screen to the summary."""
    stream = StandardStream(terminal=True)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    clock = FakeClock()
    live = LiveProgress("nft dx", clock)

    async def run() -> None:
        async with live.shown():
            live.started(RUN)
            clock.advance(1)
            live.advanced(_report(12_000, 36_600))

    asyncio.run(run())

    shown = stream.text
    assert "12,000/36,600" in shown
    assert shown.endswith("\x1b[1A\x1b[2K") or "\x1b[2K" in shown
    assert "failed 4" in shown
    assert live.run == RUN


def test_log_lines_come_by_the_clock() -> None:
    """One for each 30 seconds, also while nothing moves, none before there is anything."""
    ticked = asyncio.Event()

    class Clock(FakeClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            if len(self.slept) > 3:
                ticked.set()

    clock = Clock()
    logged = LoggedProgress(clock)

    async def run() -> None:
        async with logged.shown():
            logged.started(RUN)
            logged.advanced(_report(30, 330))
            await ticked.wait()
        logged.finished(RUN)

    with capture_logs() as logs:
        asyncio.run(run())

    events = [each["event"] for each in logs]
    assert events[0] == "run.started"
    assert events[-1] == "run.finished"
    told = [each for each in logs if each["event"] == "run.progress"]
    assert len(told) >= 2
    assert set(clock.slept) == {30.0}
    assert told[0].items() >= {
        "run_id": "01RUN", "stage": "fetching", "done": 30, "total": 330, "requests": 25,
        "cache_hits": 75, "retries": 2, "failures": 4, "log_level": "info",
    }.items()  # fmt: skip


def test_log_lines_of_many_targets_name_no_run() -> None:
    """Done and total are targets then."""

    async def watch() -> None:
        listener = LoggedProgress(FakeClock())
        listener.advanced(_report(120, 10_000))
        async with listener.shown():
            for _ in range(10):
                await asyncio.sleep(0)

    with capture_logs() as logs:
        asyncio.run(watch())

    assert {each["event"] for each in logs} == {"targets.progress"}
    assert (logs[0]["done"], logs[0]["total"]) == (120, 10_000)
    assert "run_id" not in logs[0]


@pytest.mark.parametrize(
    ("terminal", "term", "kind"),
    [
        (True, "xterm", LiveProgress),
        (True, "dumb", LoggedProgress),
        (False, "xterm", LoggedProgress),
    ],
)
def test_the_terminal_decides(
    terminal: bool, term: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal that can move its cursor gets the live line."""
    monkeypatch.setattr(sys, "stderr", StandardStream(terminal=terminal))
    monkeypatch.setenv("TERM", term)

    assert isinstance(progress("nft dx", FakeClock()), kind)


def test_a_terminal_without_unicode_gets_letters_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel turns in ASCII there."""

    class Ascii(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Ascii(io.BytesIO(), encoding="ascii"))

    assert LiveProgress("nft dx", FakeClock()).lines().plain.isascii()


def test_numbers_are_for_people() -> None:
    """Units, spans and shares."""
    assert [size(each) for each in (0, 999, 1_000, 1_234_567, 10**15)] == [
        "0 B", "999 B", "1.0 kB", "1.2 MB", "1000.0 TB",
    ]  # fmt: skip
    assert [span(each) for each in (0.04, 59.94, 61, 3725)] == [
        "0.0 s",
        "59.9 s",
        "1:01",
        "1:02:05",
    ]
    assert [share(0, 0), share(999, 1000), share(1000, 1000)] == ["0 %", "99 %", "100 %"]
