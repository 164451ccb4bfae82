"""Turns batches into text, a few at a time."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa

_MOST_THREADS = 4
_AHEAD = 2  # batches a thread


def batch_texts(
    batches: Iterable[pa.RecordBatch], text: Callable[[pa.RecordBatch], memoryview]
) -> Iterator[memoryview]:
    """The text of each batch, in order; the next ones are made while one is written.

    Arrow's kernels let go of Python's lock, so that threads run side by side. Batches are asked
    for in the caller's thread, and only as many as are worked on.
    """
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    waiting: deque[Future[memoryview]] = deque()
    with ThreadPoolExecutor(threads, "format") as pool:
        try:
            for batch in batches:
                waiting.append(pool.submit(text, batch))
                while waiting and (waiting[0].done() or len(waiting) > threads * _AHEAD):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
