"""What a run still has to ask."""

from collections import deque
from collections.abc import Iterable, Iterator

from domain.requests import Request


class Frontier:
    """Pending requests, walked depth first so that their number stays bounded.

    Requests that complete an item come before requests that `expand` into many more;
    one of the latter is let through early, when fewer than `low_water` items wait,
    so that the next page arrives before the fetcher runs dry.
    """

    def __init__(self, low_water: int) -> None:
        self._low_water = low_water
        self._items: deque[Request] = deque()
        self._pages: deque[Request] = deque()

    def __len__(self) -> int:
        return len(self._items) + len(self._pages)

    def __iter__(self) -> Iterator[Request]:
        """All that waits: what completes items, then what expands."""
        yield from self._items
        yield from self._pages

    def add(self, requests: Iterable[Request]) -> None:
        """Take in what an answer led to."""
        for request in requests:
            (self._pages if request.expands else self._items).append(request)

    @property
    def page_is_due(self) -> bool:
        """So few items wait that a page is wanted, and there is one."""
        return bool(self._pages) and len(self._items) < self._low_water

    def take(self, count: int) -> list[Request]:
        """The next requests, at most `count` and one more page; none when all are taken."""
        batch: list[Request] = []
        if self.page_is_due:
            batch.append(self._pages.popleft())
        batch.extend(self._items.popleft() for _ in range(min(count, len(self._items))))
        return batch
