"""Arrow takes its memory from a pool that gives it back."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from adapters.storage.memory_pool import use_lean_pool


@pytest.fixture(autouse=True)
def _own_pool() -> Iterator[None]:
    """What other tests of the process use."""
    before = pa.default_memory_pool()
    yield
    pa.set_memory_pool(before)


def test_runs_do_without_mimalloc() -> None:
    """It keeps twice of what a merge holds at most."""
    use_lean_pool()
    assert pa.default_memory_pool().backend_name in ("jemalloc", "system")


def test_a_build_without_jemalloc_takes_the_systems_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not every wheel of Arrow has it."""

    def missing() -> pa.MemoryPool:
        raise NotImplementedError

    monkeypatch.setattr(pa, "jemalloc_memory_pool", missing)
    use_lean_pool()
    assert pa.default_memory_pool().backend_name == "system"
