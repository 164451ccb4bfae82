"""Stands in for standard streams that a caller has closed (`>&-`)."""

import os
import sys
from typing import TextIO

_STDIN, _STDOUT, _STDERR = 0, 1, 2


def stand_in() -> None:
    """Give each closed stream its number back, before a file of ours is opened under it.

    A closed stdin is at its end. Writing to a closed stdout fails, as it would in any program;
    words to a closed stderr are lost.
    """
    for number in (_STDIN, _STDOUT, _STDERR):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_WRONLY if number == _STDERR else os.O_RDONLY)
    if sys.stdin is None:
        sys.stdin = _opened(_STDIN, "r")
    if sys.stdout is None:
        sys.stdout = _opened(_STDOUT, "w")
    if sys.stderr is None:
        sys.stderr = _opened(_STDERR, "w")


def _opened(number: int, mode: str) -> TextIO:
    return open(number, mode, encoding="utf-8", closefd=False)  # type: ignore[return-value]  # a stream, for good
