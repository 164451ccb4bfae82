"""The frontier keeps the number of waiting requests bounded."""

from hypothesis import given
from hypothesis import strategies as st

from application.frontier import Frontier
from domain.requests import Request


def _page(number: int) -> Request:
    return Request(kind="page", url=f"/page/{number}", expands=True)


def _item(number: int) -> Request:
    return Request(kind="item", url=f"/item/{number}")


def test_items_come_before_pages_while_enough_items_wait() -> None:
    """A page is held back as long as the fetcher has enough to do."""
    frontier = Frontier(low_water=2)
    frontier.add([_page(1), *[_item(n) for n in range(4)]])

    assert [r.url for r in frontier.take(2)] == ["/item/0", "/item/1"]


def test_one_page_is_let_through_when_items_run_low() -> None:
    """The next page is asked for before the items run out, one at a time."""
    frontier = Frontier(low_water=3)
    frontier.add([_page(1), _page(2), _item(1)])

    assert [r.url for r in frontier.take(9)] == ["/page/1", "/item/1"]
    assert [r.url for r in frontier.take(9)] == ["/page/2"]
    assert frontier.take(9) == []


@given(st.lists(st.integers(0, 200), max_size=20), st.integers(1, 64))
def test_nothing_is_lost_and_waiting_items_stay_bounded(sizes: list[int], count: int) -> None:
    """Each request comes out once; items wait for at most one page beyond the low-water mark."""
    frontier = Frontier(low_water=100)
    frontier.add([_page(0)])
    seen: list[str] = []
    most = 0
    pages = iter(sizes)
    while batch := frontier.take(count):
        seen.extend(request.url for request in batch)
        for request in batch:
            size = next(pages, None) if request.expands else None
            if size is not None:
                start = len(seen) * 1000
                frontier.add([_page(start), *(_item(start + n) for n in range(size))])
        most = max(most, len(frontier))

    assert len(seen) == len(set(seen)) == 1 + len(sizes) + sum(sizes)
    assert most <= 100 + 200 + 1
