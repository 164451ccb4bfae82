"""Runs and publications of the sample source."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from application.ports.dataset_writer import DatasetWriter, SealedRun, Staging
from application.ports.manifest_log import ManifestLog
from domain.runs import Run, RunState
from domain.tables import Record
from tests.fakes.sample_source import FETCHED_AT, SAMPLE


def sample_run(run_id: str = "RUN1", target: str = "things") -> Run:
    """A run that has just begun."""
    return Run(
        run_id=run_id,
        domain=SAMPLE.domain,
        target=target,
        source=SAMPLE.name,
        state=RunState.RUNNING,
        started_at=datetime(2026, 1, 2, tzinfo=UTC),
    )


def item_rows(count: int, status: str = "ok") -> list[Record]:
    """Rows of the table `items`, in descending order of their key."""
    return [(f"{n:05}", f"Thing {n}", status) for n in reversed(range(count))]


def detail_rows(count: int) -> list[Record]:
    """Two rows of the table `details` for each item."""
    return [(f"{n:05}", at, f"color {at}") for n in range(count) for at in range(2)]


async def seal_items(
    writer: DatasetWriter,
    run: Run,
    *batches: Sequence[Record],
    details: int = 0,
    commit_to: ManifestLog | None = None,
) -> SealedRun:
    """Stage batches of items, each a minute younger than the one before, seal, perhaps commit."""
    async with writer.open(run, SAMPLE) as staging:
        for age, batch in enumerate(batches):
            staging.append("items", batch, FETCHED_AT + timedelta(minutes=age))
            await staging.drain()
        staging.append("details", detail_rows(details), FETCHED_AT)
        return await sealed_and_committed(staging, commit_to)


async def sealed_and_committed(staging: Staging, commit_to: ManifestLog | None) -> SealedRun:
    """Seal a staging area that is still open, and commit what it gives."""
    sealed = await staging.seal()
    if commit_to is not None:
        await commit_to.commit(sealed.publication, FETCHED_AT)
    return sealed
