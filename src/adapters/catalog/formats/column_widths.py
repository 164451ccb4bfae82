"""How wide the columns of a table may be."""

from collections.abc import Sequence

_NARROWEST = 6  # cells; a column that needs more is never cut below it
_MORE = 1  # cells of the sign for further columns


def fitting_widths(needed: Sequence[int], room: int | None, gap: int) -> list[int]:
    """The width of each column; fewer columns than asked for where there is no room for all.

    The widest give way first, all to the same width.

    Args:
        needed: cells that each column would fill.
        room: cells of the line; None for as many as needed.
        gap: cells between two columns.
    """
    if room is None or sum(needed) + gap * (len(needed) - 1) <= room:
        return list(needed)
    least = [min(width, _NARROWEST) for width in needed]
    count = len(needed)
    while count > 1 and sum(least[:count]) + gap * (count - 1) + _sign(count, needed, gap) > room:
        count -= 1
    available = room - gap * (count - 1) - _sign(count, needed, gap)
    return _levelled(needed[:count], max(available, sum(least[:count])))


def _sign(count: int, needed: Sequence[int], gap: int) -> int:
    return gap + _MORE if count < len(needed) else 0


def _levelled(needed: Sequence[int], available: int) -> list[int]:
    """Narrow columns get what they need, the others share what is left."""
    widths = [0] * len(needed)
    order = sorted(range(len(needed)), key=needed.__getitem__)
    for place, column in enumerate(order):
        share, rest = divmod(available, len(order) - place)
        bonus = 1 if rest and needed[column] > share else 0
        widths[column] = min(needed[column], share + bonus)
        available -= widths[column]
    return widths
