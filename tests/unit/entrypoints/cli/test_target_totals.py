"""The last lines of an ingest of several targets."""

from entrypoints.cli.target_totals import TargetTotals


def _totals(*codes: int) -> list[str]:
    totals = TargetTotals(len(codes))
    for number, code in enumerate(codes):
        totals.add(f"test t{number}", code)
    return list(totals.lines())


def test_one_target_needs_none() -> None:
    """Its own summary says it all."""
    assert _totals(0) == []


def test_failures_are_named() -> None:
    """The first twenty; partial targets were published."""
    assert _totals(0, 0, 6) == ["3 targets; 2 up to date; 1 partial"]
    assert _totals(0, 5) == ["2 targets; 1 up to date; 1 failed", "  failed: test t1"]
    counts, named = _totals(*[7] * 30)
    assert counts == "30 targets; 0 up to date; 30 failed"
    assert named.endswith("test t18, test t19 and 10 more")


def test_many_are_told_in_a_line_each() -> None:
    """Ten can be read as a whole."""
    assert not TargetTotals(10).are_many
    assert TargetTotals(11).are_many
