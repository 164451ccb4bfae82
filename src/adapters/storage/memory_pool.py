"""The pool that Arrow takes its memory from."""

from contextlib import suppress

import pyarrow as pa


def use_lean_pool() -> None:
    """Take a pool that gives back what was freed; Arrow's first choice, mimalloc, keeps it.

    A merge whose arrays never hold more than 48 MB made the process 155 MB larger, with either
    of the others 77 MB, in the same time.
    """
    pool = pa.system_memory_pool()
    with suppress(NotImplementedError):
        pool = pa.jemalloc_memory_pool()
    pa.set_memory_pool(pool)
