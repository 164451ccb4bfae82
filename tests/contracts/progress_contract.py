"""What everything that shows a run keeps to."""

from dataclasses import replace

import pytest

from application.ports.progress import ProgressListener, ProgressReport
from domain.runs import FetchStatistics, RunState
from tests.support.sample_runs import sample_run


class ProgressContract:
    """Subclasses give `listener`."""

    @pytest.fixture
    def listener(self) -> ProgressListener:
        raise NotImplementedError

    @pytest.mark.parametrize("total", [None, 0, 10])
    @pytest.mark.parametrize("state", [each for each in RunState if each is not RunState.RUNNING])
    def test_a_run_may_go_any_way(
        self, listener: ProgressListener, total: int | None, state: RunState
    ) -> None:
        """Known and unknown totals, more done than there should be, every end; nothing raises."""
        run = sample_run()
        listener.started(run)
        for done in (0, 5, 10, 12):
            statistics = FetchStatistics(requests=done, cache_hits=done)
            listener.advanced(ProgressReport("fetching", done, total, 1, 0, statistics))
        listener.finished(replace(run, state=state, finished_at=run.started_at))
