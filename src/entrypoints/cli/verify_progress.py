"""How far a verification has come, on stderr."""

import sys
from collections.abc import AsyncGenerator

from application.verify_catalog import VerifyProgress, VerifyReport
from entrypoints.cli.words import share, size

_STEPS = 10  # lines of a log at most
_LEAST = 100_000_000  # bytes between two of them


async def watched(steps: AsyncGenerator[VerifyProgress | VerifyReport]) -> VerifyReport:
    """The report; a line that is redrawn on a terminal, a few lines elsewhere."""
    report: VerifyReport | None = None
    shown = 0
    terminal = sys.stderr.isatty()
    async for step in steps:
        if isinstance(step, VerifyReport):
            report = step
        elif terminal:
            sys.stderr.write(f"\r\x1b[K{_line(step)}")
            sys.stderr.flush()
        elif step.bytes - shown >= max(_LEAST, step.total_bytes / _STEPS):
            shown = step.bytes
            sys.stderr.write(f"{_line(step)}\n")
    if terminal:
        sys.stderr.write("\r\x1b[K")
    assert report is not None  # noqa: S101  # the last step of every verification
    return report


def _line(step: VerifyProgress) -> str:
    done = f"{size(step.bytes)} of {size(step.total_bytes)}"
    part = share(step.bytes, step.total_bytes)
    return f"verifying: {step.files} of {step.total_files} files, {done} ({part})"
