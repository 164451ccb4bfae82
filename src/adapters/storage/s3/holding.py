"""Lake files held by asynchronous work."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager

from adapters.storage.uninterrupted import uninterrupted


@asynccontextmanager
async def holding(files: AbstractContextManager[object]) -> AsyncGenerator[None]:
    """Hold files; they are brought in a thread."""
    with ExitStack() as held:
        await uninterrupted(asyncio.to_thread(held.enter_context, files))
        yield
