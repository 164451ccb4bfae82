"""The line of a run's summary about the cache."""

from dataclasses import replace
from pathlib import Path

import pytest

from domain.requests import CacheMode, CachePolicy
from domain.runs import FetchStatistics
from entrypoints.cli.summary import summary
from tests.fakes.sample_source import SAMPLE
from tests.support.sample_runs import sample_run

RFC = CachePolicy()


@pytest.mark.parametrize(
    ("policy", "statistics", "expected"),
    [
        (RFC, FetchStatistics(), "answers kept as the upstream says"),
        (
            CachePolicy(CacheMode.KEEP, 90),
            FetchStatistics(stale=3),
            (
                "answers kept for 1:30 whatever the upstream says; "
                "3 stale answers used where that is allowed"
            ),
        ),
        (CachePolicy(CacheMode.OFF), FetchStatistics(), "answers never kept"),
        (
            RFC,
            FetchStatistics(overrides={"metadata immutable": 1204}),
            (
                "metadata kept for good, being addressed by content (1,204 requests); "
                "all else kept as the upstream says"
            ),
        ),
    ],
)
def test_the_summary_says_by_which_rules_answers_were_kept(
    policy: CachePolicy, statistics: FetchStatistics, expected: str
) -> None:
    """The source's policy, its requests' own ones, and stale answers."""
    source = replace(SAMPLE, policy=replace(SAMPLE.policy, cache=policy))
    run = replace(sample_run(), statistics=statistics)
    assert f"  cache: {expected}" in list(summary(run, source, Path("data")))
