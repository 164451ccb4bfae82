"""How columns share the width of a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from adapters.catalog.formats.column_widths import fitting_widths


def test_narrow_columns_keep_what_they_need() -> None:
    """The wide ones share the rest evenly."""
    assert fitting_widths([3, 100, 5, 80], 60, 2) == [3, 23, 5, 23]
    assert fitting_widths([3, 100], None, 2) == [3, 100]
    assert fitting_widths([3, 10], 15, 2) == [3, 10]


def test_columns_without_room_are_left_out() -> None:
    """Never the first one."""
    assert fitting_widths([10] * 9, 40, 2) == [8, 8, 8, 7]
    assert fitting_widths([50, 50], 3, 2) == [6]


@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=30),
    st.integers(1, 250),
    st.integers(0, 3),
)
def test_lines_fit_wherever_they_can(needed: list[int], room: int, gap: int) -> None:
    """With a sign for what is left out; no column is wider than it needs, or too narrow."""
    widths = fitting_widths(needed, room, gap)
    shown = len(widths)
    line = sum(widths) + gap * (shown - 1) + (gap + 1 if shown < len(needed) else 0)

    assert shown >= 1
    assert line <= room or shown == 1
    for width, wanted in zip(widths, needed, strict=False):
        assert min(wanted, 6) <= width <= wanted
