"""The machine's clock and run ids."""

import asyncio
from datetime import UTC, timedelta

import pytest

from adapters.system.system_clock import SystemClock
from adapters.system.ulid_run_ids import UlidRunIds
from application.ports.clock import Clock
from application.ports.run_ids import RunIds
from tests.contracts.clock_contract import ClockContract
from tests.contracts.run_ids_contract import RunIdsContract
from tests.fakes.fake_clock import FakeClock


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()


class TestUlidRunIds(RunIdsContract):
    @pytest.fixture
    def run_ids(self) -> RunIds:
        return UlidRunIds(SystemClock())


def test_the_clock_is_aware_and_goes_forward() -> None:
    """UTC, and the monotonic side never goes back."""
    clock = SystemClock()
    before = clock.monotonic()
    asyncio.run(clock.sleep(0))

    assert clock.now().tzinfo is UTC
    assert clock.monotonic() >= before


def test_run_ids_sort_by_time_and_never_repeat() -> None:
    """Even in one millisecond two ids differ."""
    clock = FakeClock()
    ids = UlidRunIds(clock)
    same = {ids.next() for _ in range(100)}
    clock.advance(timedelta(milliseconds=1).total_seconds())

    assert len(same) == 100
    assert ids.next() > max(same)
