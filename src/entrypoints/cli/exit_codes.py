"""What a command's exit code says: the one table."""

import asyncio
from collections.abc import Mapping
from typing import Final

from domain import errors
from domain.runs import RunState
from entrypoints.cli.signals import Stopped

OK, FAILED, USAGE = 0, 1, 2

ERROR_CODES: Final[Mapping[type[BaseException], int]] = {
    errors.ConfigurationError: 3,
    errors.UsageError: USAGE,
    errors.NotFoundError: 5,
    errors.RunLockedError: 8,
    errors.RetryableError: 7,
    errors.RefusedError: 4,
    errors.QueryTimeoutError: 124,
    errors.PipelineError: FAILED,
    KeyboardInterrupt: 130,
    asyncio.CancelledError: 130,
    Exception: FAILED,
}

STATE_CODES: Final[Mapping[RunState, int]] = {
    RunState.SUCCEEDED: OK,
    RunState.PARTIAL: 6,
    RunState.FAILED: FAILED,
    RunState.INTERRUPTED: 130,
}

_FROM_WORST = (143, 130, 3, 4, 7, FAILED, 8, 5, USAGE, 124, 6, OK)


def exit_code(error: BaseException) -> int:
    """The code of the nearest class that has one."""
    if isinstance(error, Stopped):
        return error.exit_code
    return next(ERROR_CODES[each] for each in type(error).__mro__ if each in ERROR_CODES)


def worst(codes: list[int]) -> int:
    """The code that tells most about several targets."""
    return min(codes, key=_FROM_WORST.index)
