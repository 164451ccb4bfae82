"""The answer of `GET /api/v2/collection/{slug}/nfts` (NftListResponse), page by page."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from adapters.sources.nft.chains import Chains, Contracts
from adapters.sources.nft.collection_answers import upstream_words
from adapters.sources.nft.options import NftOptions
from domain.errors import CursorLoopError, ParseError
from domain.requests import Request

PAGE_SIZE = 200
_MAX_EMPTY_PAGES = 3
_MAX_PAGES = 100_000
_HASH_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk through a list; every page request carries it as its context.

    Attributes:
        contracts: of the collection.
        walked: short hashes of the cursors that were asked for.
        empty: empty pages in a row up to now.
        read: NFTs read up to now.
        restarted: the list was begun again, after its cursor had expired.
    """

    slug: str
    options: NftOptions
    contracts: Contracts
    walked: tuple[str, ...] = ()
    empty: int = 0
    read: int = 0
    restarted: bool = False

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """The walk that a request carries."""
        return cls(
            context["slug"],
            NftOptions.from_context(context["options"]),
            context["contracts"],
            tuple(context["walked"]),
            context["empty"],
            context["read"],
            context["restarted"],
        )

    @property
    def left(self) -> int | None:
        """How many NFTs `--limit` still allows; None without a limit."""
        return None if self.options.limit is None else max(0, self.options.limit - self.read)

    @property
    def chains(self) -> Chains:
        """Where the collection's contracts live."""
        return Chains(self.contracts)

    def request(self, cursor: str | None = None) -> Request:
        """The request for the page at a cursor; without one, for the first."""
        limit = PAGE_SIZE if self.left is None else min(PAGE_SIZE, self.left)
        params = [("limit", str(limit))]
        if cursor is not None:
            params.append(("next", cursor))
        return Request(
            kind="page",
            url=f"/api/v2/collection/{self.slug}/nfts",
            params=tuple(params),
            context={
                "slug": self.slug,
                "options": self.options.to_context(),
                "contracts": [list(contract) for contract in self.contracts],
                "walked": list(self.walked),
                "empty": self.empty,
                "read": self.read,
                "restarted": self.restarted,
            },
            expands=True,
        )

    def following(self, cursor: str, found: int) -> Request | None:
        """The request after a page with `found` NFTs; None when the limit is reached.

        Raises:
            CursorLoopError: the cursor was asked for before.
            ParseError: the list goes on and on without an NFT.
        """
        mark = hashlib.sha256(cursor.encode(errors="replace")).hexdigest()[:_HASH_LENGTH]
        if mark in self.walked:
            raise CursorLoopError(cursor)
        empty = 0 if found else self.empty + 1
        if empty > _MAX_EMPTY_PAGES or len(self.walked) >= _MAX_PAGES:
            message = (
                f"The list of {self.slug} does not end: {empty} empty pages in a row, "
                f"{len(self.walked) + 1} pages in all."
            )
            raise ParseError(message)
        walk = replace(self, walked=(*self.walked, mark), empty=empty, read=self.read + found)
        return None if walk.left == 0 else walk.request(cursor)

    def begun_again(self) -> Request | None:
        """The request for the first page, once, when a cursor is not known any more.

        NFTs that were read before come again; the checks of the table count them once.
        """
        if self.restarted or not self.walked:
            return None
        return Walk(self.slug, self.options, self.contracts, restarted=True).request()


def read_page(answer: Any, slug: str) -> tuple[Sequence[Any], str | None]:
    """The NFTs of a page and the cursor of the next one; absent, null and "" end the list.

    Raises:
        ParseError: the answer is not a page of a list.
    """
    if type(answer) is not dict or type(answer.get("nfts")) is not list:
        message = f"The answer for {slug} is not a list of NFTs{upstream_words(answer)}."
        raise ParseError(message)
    cursor = answer.get("next")
    if cursor is not None and type(cursor) is not str:
        message = f"The list of {slug} continues at a cursor that is not text."
        raise ParseError(message)
    return answer["nfts"], cursor or None
