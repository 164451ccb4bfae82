"""What every run lock keeps to."""

import asyncio
from contextlib import suppress

import pytest

from application.ports.run_lock import RunLock
from domain.errors import RunLockedError


class RunLockContract:
    """Subclasses give `lock`."""

    @pytest.fixture
    def lock(self) -> RunLock:
        raise NotImplementedError

    def test_a_held_target_is_refused_and_free_afterwards(self, lock: RunLock) -> None:
        """The second holder is told who the first one is; other targets are not held up."""

        async def story() -> str:
            async with lock.hold("nft", "one"), lock.hold("nft", "two"), lock.hold("fx", "one"):
                with pytest.raises(RunLockedError) as refused:
                    await lock.hold("nft", "one").__aenter__()
            async with lock.hold("nft", "one"):
                return refused.value.holder

        assert "process" in asyncio.run(story())

    def test_an_error_inside_frees_the_target(self, lock: RunLock) -> None:
        """Whatever ends the context."""

        async def story() -> None:
            with suppress(ValueError):
                async with lock.hold("nft", "one"):
                    message = "inside"
                    raise ValueError(message)
            async with lock.hold("nft", "one"):
                pass

        asyncio.run(story())
