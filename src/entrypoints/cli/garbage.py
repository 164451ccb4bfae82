"""When Python looks for garbage that refers to itself: seldom, for there is next to none."""

import gc

_LOADING = 150_000
_WORKING = 10_000
_OLDER = (20, 50)


def put_off_search() -> None:
    """While modules are loaded, which stay; to look among them takes 20 ms."""
    gc.set_threshold(_LOADING, *_OLDER)


def search_seldom() -> None:
    """From now on: answers and rows are no cycles; the usual threshold takes 5 to 10 % of a run."""
    gc.set_threshold(_WORKING, *_OLDER)


def keep_all() -> None:
    """What is there stays to the end, where a search among it would take 0.1 s."""
    gc.freeze()
