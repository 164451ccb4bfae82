"""Lists of OpenSea that go on at a cursor: events and listings."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from adapters.sources.nft.list_pages import ASKED_ANEW, PAGE_SIZE
from domain.errors import CursorLoopError, ParseError
from domain.requests import Request

_MOST_PAGES = 1_000_000
_MAX_EMPTY_PAGES = 3
_HASH_LENGTH = 16


@dataclass(frozen=True, slots=True)
class CursorWalk:
    """Where a walk stands; every request carries it as its context.

    A cursor that comes again is found without keeping all of them (Brent's algorithm): each is
    compared with the one at the last power of two.

    Attributes:
        path: of the list.
        params: all but `limit` and `next`, as pairs.
        left: how many members `--limit` still allows; None without a limit.
        page: pages asked for before this one.
        mark: short hash of the cursor that was remembered.
        empty: empty pages in a row up to now.
        restarted: begun again, after its cursor had expired.
    """

    slug: str
    path: str
    params: Sequence[Sequence[str]] = ()
    left: int | None = None
    page: int = 0
    mark: str = ""
    empty: int = 0
    restarted: bool = False

    @classmethod
    def of(cls, request: Request) -> Self:
        """The walk that a request carries."""
        return cls(**request.context["walk"])

    def request(self, cursor: str | None = None) -> Request:
        """The request for the page at a cursor; without one, for the first."""
        size = PAGE_SIZE if self.left is None else min(PAGE_SIZE, self.left)
        params = [*((name, value) for name, value in self.params), ("limit", str(size))]
        if cursor is not None:
            params.append(("next", cursor))
        walk = {**asdict(self), "params": [list(pair) for pair in self.params]}
        return Request(
            kind="page",
            url=self.path,
            params=tuple(params),
            context={"slug": self.slug, "walk": walk},
            expands=True,
            cache=ASKED_ANEW,
        )

    def following(self, answer: dict[str, Any], found: int) -> Request | None:
        """The request after a page of `found` members; None at the end.

        Raises:
            CursorLoopError: the list goes round in a circle.
            ParseError: the cursor is no text, or the list does not end.
        """
        cursor = answer.get("next")
        if cursor is None or cursor == "":
            return None
        if type(cursor) is not str:
            message = f"The list of {self.slug} continues at a cursor that is not text."
            raise ParseError(message)
        mark = hashlib.sha256(cursor.encode(errors="replace")).hexdigest()[:_HASH_LENGTH]
        if mark == self.mark:
            raise CursorLoopError(cursor)
        page, empty = self.page + 1, 0 if found else self.empty + 1
        if empty > _MAX_EMPTY_PAGES or page > _MOST_PAGES:
            message = (
                f"The list of {self.slug} does not end: {empty} empty pages in a row, "
                f"{page} pages in all."
            )
            raise ParseError(message)
        left = None if self.left is None else self.left - found
        if left is not None and left <= 0:
            return None
        kept = mark if page & (page - 1) == 0 else self.mark
        return replace(self, left=left, page=page, mark=kept, empty=empty).request(cursor)

    def begun_again(self) -> Request | None:
        """The request for the first page, once, when a cursor is not known any more."""
        if self.restarted or not self.page:
            return None
        return replace(self, page=0, mark="", empty=0, restarted=True).request()
