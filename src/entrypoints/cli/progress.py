"""Chooses how a run is shown."""

import sys

from application.ports.clock import Clock
from entrypoints.cli.run_progress import RunProgress


def progress(label: str, clock: Clock) -> RunProgress:
    """A live line where stderr is a capable terminal, log lines elsewhere."""
    if sys.stderr.isatty():
        from rich.console import Console

        if not Console(file=sys.stderr).is_dumb_terminal:
            from entrypoints.cli.live_progress import LiveProgress

            return LiveProgress(label, clock)
    from entrypoints.cli.logged_progress import LoggedProgress

    return LoggedProgress(clock)
