"""The answer of `GET /api/v2/collection/{slug}/nfts` (NftListResponse), page by page."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from adapters.sources.json_documents import encode
from adapters.sources.nft.chains import Chains, Contracts
from adapters.sources.nft.collection_answers import upstream_words
from adapters.sources.nft.options import NftOptions
from domain.errors import CursorLoopError, ParseError
from domain.requests import CacheMode, CachePolicy, Request

PAGE_SIZE = 200
_MAX_EMPTY_PAGES = 3
_MAX_PAGES = 100_000
_HASH_LENGTH = 16
_TOLERANCE = 0.001
"""Share of the stated total that may be missing before the list is read a second time."""

_MOST_PAGES_TWICE = 200
"""A third of the hourly quota; longer lists are not read a second time."""

ASKED_ANEW = CachePolicy(CacheMode.REFRESH)
"""A list is read as it is now; what OpenSea forbids to keep is kept for `--offline` alone."""


@dataclass(frozen=True, slots=True)
class Walk:
    """One walk through a list; every page request carries it as its context.

    Attributes:
        contracts: of the collection.
        total: how many NFTs there are, as the upstream says.
        walked: short hashes of the cursors that were asked for.
        empty: empty pages in a row up to now.
        read: NFTs read up to now.
        counted: NFTs that earlier walks of this run have read.
        seen: short hashes of the pages that this run has read.
        restarted: the list was begun again, after its cursor had expired.
        second: the list is read a second time, having held fewer NFTs than the total.
        batch: how many NFTs a batch may hold; None until that is found out.
    """

    slug: str
    options: NftOptions
    contracts: Contracts
    total: int | None = None
    walked: tuple[str, ...] = ()
    empty: int = 0
    read: int = 0
    counted: int = 0
    seen: tuple[str, ...] = ()
    restarted: bool = False
    second: bool = False
    batch: int | None = None

    @classmethod
    def from_context(cls, context: Mapping[str, Any]) -> Self:
        """The walk that a request carries."""
        return cls(
            slug=context["slug"],
            options=NftOptions.from_context(context["options"]),
            contracts=context["contracts"],
            total=context["total"],
            walked=tuple(context["walked"]),
            empty=context["empty"],
            read=context["read"],
            counted=context["counted"],
            seen=tuple(context["seen"]),
            restarted=context["restarted"],
            second=context["second"],
            batch=context["batch"],
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
                "total": self.total,
                "walked": list(self.walked),
                "empty": self.empty,
                "read": self.read,
                "counted": self.counted,
                "seen": list(self.seen),
                "restarted": self.restarted,
                "second": self.second,
                "batch": self.batch,
            },
            expands=True,
            cache=ASKED_ANEW,
        )

    @property
    def _repeats(self) -> bool:
        """The list was read before, at least in part."""
        return self.restarted or self.second

    def uncounted(self, found: int) -> int:
        """How many of the next `found` NFTs stand where an earlier walk has read one."""
        return max(0, min(found, self.counted - self.read))

    def has_seen(self, found: Sequence[Any]) -> bool:
        """An earlier walk has read a page of the same NFTs: they need not be taken in again."""
        return self._repeats and _page_mark(found) in self.seen

    def following(self, cursor: str, found: Sequence[Any]) -> Request | None:
        """The request after a page with the NFTs `found`; None when the limit is reached.

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
        walk = replace(self._with_page(found), walked=(*self.walked, mark), empty=empty)
        return None if walk.left == 0 else walk.request(cursor)

    def second_pass(self, found: Sequence[Any]) -> Request | None:
        """The request for the first page again, after the last page of a list that falls short.

        Rows that move while a list is paged through are missed. Once a run, and where the list
        is whole, has a total and is not too long.
        """
        if self.second or not self.total or self.options.limit is not None:
            return None
        walk = self._with_page(found)
        listed = max(walk.read, self.counted)
        if self.total - listed <= self.total * _TOLERANCE or len(self.walked) >= _MOST_PAGES_TWICE:
            return None
        return replace(walk.from_start(), second=True, restarted=False).request()

    def begun_again(self) -> Request | None:
        """The request for the first page, once, when a cursor is not known any more.

        NFTs that were read before come again; the checks of the table keep them once.
        """
        if self.restarted or not self.walked:
            return None
        return replace(self.from_start(), restarted=True).request()

    def _with_page(self, found: Sequence[Any]) -> Self:
        seen = self.seen
        if found and not self.has_seen(found):
            seen = (*seen, _page_mark(found))
        return replace(self, read=self.read + len(found), seen=seen)

    def from_start(self) -> Self:
        """The walk before its first page, knowing what has been read."""
        return replace(self, walked=(), empty=0, read=0, counted=max(self.counted, self.read))


def _page_mark(found: Sequence[Any]) -> str:
    """The same for pages of the same NFTs in the same order."""
    names = [
        (item.get("contract"), item.get("identifier")) if type(item) is dict else None
        for item in found
    ]
    return hashlib.sha256(encode(names).encode()).hexdigest()[:_HASH_LENGTH]


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
