"""Where the time of a run went."""

from dataclasses import replace
from datetime import timedelta

from domain.runs import FetchStatistics, Run
from entrypoints.cli.time_report import host_rows, time_rows
from tests.support.sample_runs import sample_run


def _run(**changes: object) -> Run:
    begun = sample_run()
    run = replace(
        begun,
        finished_at=begun.started_at + timedelta(seconds=10),
        statistics=FetchStatistics(
            network=40.0,
            looking_up=0.5,
            waited=3.0,
            waits={"a.test": 3.0},
            asked_hosts={"a.test": 30, "b.test": 1},
            cached_hosts={"a.test": 10, "c.test": 5},
        ),
        timings={
            "fetching": 8.0, "parsing": 2.0, "checkpoints": 0.1, "merging": 1.0,
            "committing": 0.0, "publishing": 0.5,
        },
    )  # fmt: skip
    return replace(run, **changes)  # type: ignore[arg-type]  # members of Run


def test_stages_are_shares_of_the_whole_and_the_rest_is_said() -> None:
    """Requests overlap, which is told as how many there were at once."""
    rows = {name: (spent, words) for name, spent, words in time_rows(_run())}

    assert rows["fetching"][0] == "8.0 s (80 %)"
    assert rows["merging"][0] == "1.0 s (10 %)"
    assert rows["other"][0] == "0.5 s"
    assert rows["- network"] == ("40.0 s", "requests under way, 5.0 at once on average")
    assert rows["- limits"][0] == "3.0 s"
    assert rows["- parsing"][0] == "2.0 s"


def test_the_pause_between_two_attempts_is_nobodys_time() -> None:
    """A run that was continued the next day was not slow."""
    begun = sample_run()
    run = _run(attempts=2, finished_at=begun.started_at + timedelta(days=1))
    rows = {name: spent for name, spent, _ in time_rows(run)}

    assert "other" not in rows
    assert rows["fetching"] == "8.0 s (84 %)"


def test_a_run_that_never_fetched_has_no_details() -> None:
    """There is nothing to divide by."""
    rows = time_rows(_run(timings={"merging": 1.0}))
    assert [name for name, _, _ in rows] == ["merging", "other"]


def test_each_host_has_its_share_of_the_cache() -> None:
    """Those that were only asked, and those that the cache answered for, too."""
    assert list(host_rows(_run())) == [
        ("a.test", 30, 10, "25 %", "3.0 s"),
        ("b.test", 1, 0, "0 %", "0.0 s"),
        ("c.test", 0, 5, "100 %", "0.0 s"),
    ]
