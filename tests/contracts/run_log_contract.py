"""What every run log keeps to."""

import asyncio
from dataclasses import replace

import pytest

from application.ports.run_log import RunLog
from domain.errors import NotFoundError
from domain.runs import FetchStatistics, RowCounts, RunState
from tests.support.sample_runs import sample_run


class RunLogContract:
    """Subclasses give `log`."""

    @pytest.fixture
    def log(self) -> RunLog:
        raise NotImplementedError

    def test_a_run_comes_back_as_it_was_saved(self, log: RunLog) -> None:
        """Counts, files and notes included; the last state wins."""
        run = sample_run()
        done = replace(
            run,
            state=RunState.PARTIAL,
            finished_at=run.started_at,
            version=3,
            tables={"test.items": RowCounts(3, 2, 1, 0)},
            failures={"gone": 1},
            statistics=FetchStatistics(requests=5, waited=0.5),
            files=("a.parquet",),
            notes=("limited",),
        )
        asyncio.run(log.save(run))
        asyncio.run(log.save(done))

        assert asyncio.run(log.get("RUN1")) == done
        assert list(asyncio.run(log.all())) == [done]

    def test_runs_are_listed_newest_first(self, log: RunLog) -> None:
        """Run ids sort by time."""
        for name in ("01B", "01A", "01C"):
            asyncio.run(log.save(sample_run(name)))

        assert [run.run_id for run in asyncio.run(log.all())] == ["01C", "01B", "01A"]

    @pytest.mark.parametrize("name", ["", "01", "nope", "../x"])
    def test_a_name_that_fits_none_or_many_is_not_found(self, log: RunLog, name: str) -> None:
        """An unambiguous beginning is enough, anything else is not."""
        for each in ("01A", "01B"):
            asyncio.run(log.save(sample_run(each)))

        assert asyncio.run(log.get("01A")).run_id == "01A"
        with pytest.raises(NotFoundError):
            asyncio.run(log.get(name))

    def test_runs_under_way_are_told_apart(self, log: RunLog) -> None:
        """By their last state, newest first."""
        run = sample_run("01A")
        for each in (run, sample_run("01B"), sample_run("01C")):
            asyncio.run(log.save(each))
        asyncio.run(log.save(replace(run, run_id="01B", state=RunState.FAILED)))

        assert [run.run_id for run in asyncio.run(log.running())] == ["01C", "01A"]
