"""A run that has nothing new to say writes nothing, unless somebody else changes what was said."""

import asyncio

import pytest

from domain.errors import StorageError
from domain.runs import RowCounts, RunState
from tests.contracts.manifest_log_contract import AT, publication
from tests.unit.application.conftest import Workshop


def test_nothing_is_written_that_is_published_already(workshop: Workshop) -> None:
    """The balance is there all the same."""

    async def twice() -> None:
        await workshop.run()
        await workshop.run()

    asyncio.run(twice())
    first, second = workshop.runs.runs["RUN1"], workshop.runs.runs["RUN2"]

    assert workshop.writer.written == ["RUN1"]
    assert (second.version, second.unchanged) == (1, True)
    assert second.tables == first.tables
    assert second.tables["test.items"] == RowCounts(10, 10)


def test_a_full_refresh_is_written_in_any_case(workshop: Workshop) -> None:
    """It mends what was damaged since."""

    async def twice() -> None:
        await workshop.run()
        await workshop.run(refresh=True)

    asyncio.run(twice())

    assert workshop.writer.written == ["RUN1", "RUN2"]
    assert (workshop.runs.runs["RUN2"].version, workshop.runs.runs["RUN2"].unchanged) == (2, False)


async def overtaken(workshop: Workshop) -> None:
    """A run; the next one is sealed, and then a run of another machine is committed."""
    await workshop.run()

    async def overtake() -> None:
        await workshop.manifests.commit(publication("OTHER", rows=3), AT)

    workshop.writer.sealed = overtake


def test_what_another_run_has_replaced_meanwhile_is_written_after_all(workshop: Workshop) -> None:
    """The newest version has the rows of the run that was committed last, and all of them."""

    async def story() -> None:
        await overtaken(workshop)
        await workshop.run()

    asyncio.run(story())
    run, newest = workshop.runs.runs["RUN2"], workshop.manifests.manifests[-1]

    assert [each.run_id for each in workshop.manifests.manifests] == ["RUN1", "OTHER", "RUN2"]
    assert (run.state, run.version, run.unchanged) == (RunState.SUCCEEDED, 3, False)
    assert not any(note.startswith("unchanged") for note in run.notes)
    assert workshop.writer.written == ["RUN1", "RUN2"]
    dataset = newest.dataset("test.items", "things")
    assert dataset is not None
    assert (dataset.run_id, dataset.rows) == ("RUN2", 10)


def test_a_disk_that_is_full_then_leaves_the_other_version(workshop: Workshop) -> None:
    """The run fails, as it would have when it was sealed."""

    async def story() -> None:
        await overtaken(workshop)
        workshop.writer.fail_at = "write"
        with pytest.raises(StorageError, match="write"):
            await workshop.run()

    asyncio.run(story())

    assert workshop.manifests.manifests[-1].run_id == "OTHER"
    assert workshop.runs.runs["RUN2"].state is RunState.FAILED
