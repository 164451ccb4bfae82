"""Checks split records; nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from domain.expectations import Expectation, RecordChecker
from domain.schema import Field, Kind, Schema
from domain.tables import TableSpec

TABLE = TableSpec(
    "items",
    Schema((Field("id", Kind.STRING), Field("status", Kind.STRING), Field("n", Kind.INTEGER))),
    key=("id",),
)
CHECKER = RecordChecker(
    TABLE,
    (
        Expectation("items", not_null=("n",), accepted=(("status", frozenset({"ok", "bad"})),)),
        Expectation("other", not_null=("status",)),
    ),
)


def test_each_rule_gives_its_reason() -> None:
    """The key and named columns must be there; values must be accepted; shapes must fit."""
    good = [("a", "ok", 1), ("b", None, 2)]
    bad = [(None, "ok", 1), ("c", "ok", None), ("d", "odd", 1), ("e", "ok")]
    checked = CHECKER.check([*good, *bad])

    assert checked.good == good
    assert [(each.rule, each.reason) for each in checked.quarantined] == [
        ("not_null", "id is missing"),
        ("not_null", "n is missing"),
        ("accepted_values", "status is 'odd'"),
        ("shape", "2 values for 3 columns"),
    ]


VALUE = st.none() | st.sampled_from(["ok", "bad", "odd"]) | st.integers()


@given(st.lists(st.lists(VALUE, min_size=2, max_size=4).map(tuple)))
def test_every_record_is_good_or_quarantined(records: list[tuple[object, ...]]) -> None:
    """In their order, and never both."""
    checked = CHECKER.check(records)
    kept_out = [each.record for each in checked.quarantined]

    assert len(checked.good) + len(kept_out) == len(records)
    assert [each for each in records if each in checked.good] == list(checked.good)
