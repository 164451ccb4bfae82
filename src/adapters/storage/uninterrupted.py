"""Work that a cancellation must not leave half done."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


async def uninterrupted[T](work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`; a cancellation is raised as soon as the work has ended.

    A thread cannot be stopped: whoever goes on while it still writes would clean up too early.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # seen; the cancellation is what the caller has to know
        raise
