"""Every error has one exit code, and it is the one that the documentation names."""

import asyncio
import re
import signal
from collections.abc import Iterator

import pytest

from domain import errors
from domain.errors import PipelineError
from domain.runs import RunState
from entrypoints.cli.exit_codes import ERROR_CODES, STATE_CODES, exit_code, worst
from entrypoints.cli.signals import Stopped

MISSING = errors.MissingKeyError("opensea", "OPENSEA_API_KEY", "https://opensea.io")
SPECIAL: dict[type[PipelineError], PipelineError] = {
    errors.MissingKeyError: MISSING,
    errors.NotFoundError: errors.NotFoundError("table", "x"),
    errors.RunLockedError: errors.RunLockedError("nft", "x", "process 1"),
}


def _documented() -> dict[str, int]:
    """Class name to code from the tree in the docstring of `domain.errors`; subclasses inherit."""
    codes: dict[str, int] = {}
    above: dict[int, int] = {}
    for line in str(errors.__doc__).splitlines():
        if not (match := re.match(r"([│ ├└─]*)(\w+Error)\b(?:.*exit (\d+))?", line)):
            continue
        depth = len(match[1])
        code = int(match[3]) if match[3] else above.get(depth - 4, 1)
        above[depth] = codes[match[2]] = code
    return codes


def _subclasses(root: type[PipelineError]) -> Iterator[type[PipelineError]]:
    if root.__module__ == errors.__name__:
        yield root
    for each in root.__subclasses__():
        yield from _subclasses(each)


@pytest.mark.parametrize("error", sorted(_subclasses(PipelineError), key=str))
def test_every_error_ends_with_its_documented_code(error: type[PipelineError]) -> None:
    """The table and the tree in `domain.errors` say the same."""
    assert exit_code(SPECIAL.get(error) or error("x")) == _documented()[error.__name__]


def test_the_documented_tree_holds_every_error() -> None:
    """None was forgotten in the docstring."""
    names = {each.__name__ for each in _subclasses(PipelineError)}

    assert names == set(_documented())


def test_stopping_has_the_codes_that_shells_use() -> None:
    """128 and the number of the signal."""
    assert exit_code(Stopped(signal.SIGINT)) == 130
    assert exit_code(Stopped(signal.SIGTERM)) == 143
    assert exit_code(KeyboardInterrupt()) == 130
    assert exit_code(asyncio.CancelledError()) == 130


def test_defects_are_failures() -> None:
    """An unexpected exception is code 1."""
    assert exit_code(ZeroDivisionError()) == 1
    assert exit_code(MemoryError()) == 1


def test_every_final_state_has_a_code() -> None:
    """A run ends in one of these."""
    assert set(STATE_CODES) == set(RunState) - {RunState.RUNNING}


@pytest.mark.parametrize(
    ("codes", "expected"),
    [([0], 0), ([0, 6], 6), ([6, 1, 0], 1), ([5, 7], 7), ([0, 8, 6], 8), ([2, 5], 5)],
)
def test_the_worst_code_of_several_targets_wins(codes: list[int], expected: int) -> None:
    """Worse is what needs a person sooner, not what is greater."""
    assert worst(codes) == expected


def test_every_code_can_be_ranked() -> None:
    """No code of the tables is missing in the ranking."""
    for code in [*ERROR_CODES.values(), *STATE_CODES.values(), 143]:
        assert worst([code]) == code
