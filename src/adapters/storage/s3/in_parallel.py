"""Requests side by side."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event

_TOGETHER = 8


def in_parallel[T, R](
    work: Callable[[T], R], items: Iterable[T], stop: Event | None = None
) -> list[R]:
    """The results in order. Blocking.

    The first error ends it, as Ctrl-C does: what has not begun never does, and what is under way
    ends first, soon if it minds the event that is set then.
    """
    wanted = list(items)
    if len(wanted) <= 1:
        return [work(each) for each in wanted]
    pool = ThreadPoolExecutor(min(_TOGETHER, len(wanted)), "s3")
    try:
        futures = [pool.submit(work, each) for each in wanted]
        wait(futures, return_when=FIRST_EXCEPTION)
        failed = (each for each in futures if each.done() and each.exception() is not None)
        for each in failed:
            each.result()
        return [each.result() for each in futures]
    except BaseException:
        if stop is not None:
            stop.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
