"""Where the time of a run went."""

from dataclasses import replace
from datetime import timedelta

import pytest

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
            "fetching": 8.0, "network": 4.5, "limits": 1.0, "cache": 0.25, "parsing": 2.0,
            "writing": 0.1, "between": 0.15, "merging": 1.0, "committing": 0.0,
            "publishing": 0.5, "other": 0.5,
        },
    )  # fmt: skip
    return replace(run, **changes)  # type: ignore[arg-type]  # members of Run


def test_the_parts_add_up_to_the_whole_as_they_are_shown() -> None:
    """Requests overlap, which is told as how many there were at once."""
    rows = {name: (spent, part, words) for name, spent, part, words in time_rows(_run())}

    assert rows["fetching"][:2] == ("8.0 s", "80 %")
    assert rows["- network"] == (
        "4.5 s", "45 %", "requests under way, 5.0 at once on average",
    )  # fmt: skip
    assert rows["- limits"][:2] == ("1.0 s", "10 %")
    assert rows["- parsing"][:2] == ("2.0 s", "20 %")
    assert rows["merging"][:2] == ("1.0 s", "10 %")
    assert rows["other"][:2] == ("0.5 s", "5 %")
    assert rows["whole"] == ("10.0 s", "100 %", "")


@pytest.mark.parametrize("scale", [0.013, 0.37, 1.0, 7.7, 1234.5])
def test_what_is_shown_adds_up_at_any_length(scale: float) -> None:
    """Tenths of seconds in short runs, seconds in long ones; rounding loses none."""
    run = _run(timings={name: seconds * scale for name, seconds in _run().timings.items()})
    shown = {name: (_seconds(spent), int(part[:-2])) for name, spent, part, _ in time_rows(run)}
    for at in (0, 1):  # seconds, percent
        leaves = sum(each[at] for name, each in shown.items() if name.startswith("- "))
        stages = sum(each[at] for name, each in shown.items() if not name.startswith("- "))
        assert leaves == pytest.approx(shown["fetching"][at])
        assert stages == pytest.approx(2 * shown["whole"][at])
    assert shown["whole"][0] == pytest.approx(run.worked, abs=0.5)
    assert shown["whole"][1] == 100


def _seconds(shown: str) -> float:
    if shown.endswith(" s"):
        return float(shown[:-2])
    seconds = 0
    for each in shown.split(":"):
        seconds = 60 * seconds + int(each)
    return seconds


def test_the_pause_between_two_attempts_is_nobodys_time() -> None:
    """A run that was continued the next day was not slow."""
    begun = sample_run()
    run = _run(attempts=2, finished_at=begun.started_at + timedelta(days=1))
    rows = {name: (spent, words) for name, spent, _, words in time_rows(run)}

    assert rows["whole"] == ("10.0 s", "over 2 attempts, without the breaks between them")


def test_a_run_that_never_fetched_has_no_details() -> None:
    """There is nothing to divide by."""
    rows = time_rows(_run(timings={"merging": 1.0, "other": 0.0}))
    assert [name for name, *_ in rows] == ["merging", "other", "whole"]


def test_each_host_has_its_share_of_the_cache() -> None:
    """Those that were only asked, and those that the cache answered for, too."""
    assert list(host_rows(_run())) == [
        ("a.test", 30, 10, "25 %", "3.0 s"),
        ("b.test", 1, 0, "0 %", "0.0 s"),
        ("c.test", 0, 5, "100 %", "0.0 s"),
    ]
