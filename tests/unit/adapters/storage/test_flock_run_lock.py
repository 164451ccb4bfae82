"""Run locks that the kernel frees."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.storage.data_folder import DataFolder
from adapters.storage.flock_run_lock import FlockRunLock
from application.ports.run_lock import RunLock
from domain.errors import RunLockedError
from tests.contracts.run_lock_contract import RunLockContract
from tests.fakes.fake_clock import FakeClock

ROOT = Path(__file__).parents[4]


class TestFlockRunLock(RunLockContract):
    """The contract, on real files."""

    @pytest.fixture
    def lock(self, tmp_path: Path) -> RunLock:
        return FlockRunLock(DataFolder(tmp_path / "output"), FakeClock())


_HOLD = """
import asyncio, sys
from pathlib import Path
from adapters.storage.data_folder import DataFolder
from adapters.storage.flock_run_lock import FlockRunLock
from tests.fakes.fake_clock import FakeClock

async def main():
    async with FlockRunLock(DataFolder(Path(sys.argv[1])), FakeClock()).hold("nft", "one"):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_another_process_is_named_and_its_death_frees_the_target(folder: DataFolder) -> None:
    """No stale lock, whatever kills the holder."""
    lock = FlockRunLock(folder, FakeClock())

    async def take() -> None:
        async with lock.hold("nft", "one"):
            pass

    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(folder.root)],
        cwd=ROOT, stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src{os.pathsep}{ROOT}"},
    )  # fmt: skip
    assert holder.stdout is not None
    with holder, holder.stdout as output:
        assert output.readline() == b"held\n"
        with pytest.raises(RunLockedError, match=f"process {holder.pid}"):
            asyncio.run(take())
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
    asyncio.run(take())


def test_a_target_with_slashes_has_a_lock_of_its_own(folder: DataFolder) -> None:
    """File names come from targets, and stay among the locks."""

    async def take() -> list[str]:
        async with FlockRunLock(folder, FakeClock()).hold("github", "/../../x"):
            return [path.name for path in folder.locks.iterdir()]

    assert asyncio.run(take()) == ["github.%2F..%2F..%2Fx.lock"]


def test_a_cancelled_wait_for_the_lock_holds_nothing(folder: DataFolder) -> None:
    """Whenever the cancellation comes."""
    lock = FlockRunLock(folder, FakeClock())

    async def hold() -> None:
        async with lock.hold("nft", "one"):
            await asyncio.sleep(60)

    async def story() -> None:
        for ticks in range(8):
            task = asyncio.create_task(hold())
            for _ in range(ticks):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            async with lock.hold("nft", "one"):
                pass

    asyncio.run(story())
