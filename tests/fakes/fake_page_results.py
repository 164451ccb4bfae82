"""Page results in memory."""

from collections.abc import Sequence

from application.ports.clock import Clock
from application.ports.page_results import PageResults
from domain.page_results import PageResult, WholePage
from domain.requests import Request


class FakePageResults(PageResults):
    """`pages` by key; `recalled` holds the keys that were found."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.pages: dict[str, WholePage] = {}
        self.recalled: list[str] = []

    def key(self, requests: Sequence[Request], reading: str) -> str | None:
        return repr((reading, list(requests)))

    async def recall(self, key: str) -> PageResult | None:
        page = self.pages.get(key)
        if page is None or self._clock.timestamp() >= page.reusable_until:
            return None
        self.recalled.append(key)
        return page.result

    async def keep(self, page: WholePage) -> None:
        self.pages[page.key] = page
