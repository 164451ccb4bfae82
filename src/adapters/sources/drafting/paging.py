"""How the list of an answer seems to go on."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.sources.declared import paging
from domain.headers import Headers

type Proposal = tuple[dict[str, str | int], list[str]]

_DEEPEST = 3
_PAGE = ("page", "page_number", "pageNumber", "pagenumber", "pageIndex", "p")
_OFFSET = ("offset", "skip", "start", "startIndex", "start_index", "from")
_SIZE = (
    "per_page", "perPage", "page_size", "pageSize", "limit", "size", "count", "max_results", "take",
)  # fmt: skip
_PAGES = ("pages", "total_pages", "totalPages", "last_page", "lastPage", "page_count", "pageCount")
_CURSORS = {
    "next_cursor": "cursor", "nextCursor": "cursor", "cursor": "cursor", "end_cursor": "after",
    "endCursor": "after", "next_page_token": "page_token", "nextPageToken": "pageToken",
    "next_token": "next_token", "nextToken": "nextToken", "continuation": "continuation",
    "after": "after", "next": "next",
}  # fmt: skip
_TOTALS = ("total", "total_count", "totalCount", "totalResults", "total_results")
_ADDRESS = re.compile(r"(?:https?:/)?/[^\s]*")
_ADDRESSES = ("next_url", "nextUrl", "nextPage", "next_page")
_LINK_NEXT = re.compile(r'\brel="?next\b')
_NEXT_LINK = "next_link"
_DIGITS = 9


def propose_paging(
    value: Any, records: str, query: Mapping[str, str], headers: Headers, count: int
) -> Proposal:
    """The `[paging]` of a declaration, and what is to be said about it.

    Args:
        value: the decoded answer.
        records: path of its records; nothing is looked for in them.
        query: parameters of the request.
        headers: fields of the answer.
        count: number of records.
    """
    if _LINK_NEXT.search(headers.get("link") or ""):
        return {"kind": "link"}, []
    asked = _Asked(query, count)
    outside = dict(_members(value, records))
    return (
        _by_page(asked, outside)
        or _by_next(asked, outside)
        or _by_offset(asked)
        or ({}, _open_ends(asked, outside))
    )


class _Asked:
    """What the request says of its page."""

    def __init__(self, query: Mapping[str, str], count: int) -> None:
        self.query = query
        self.count = count
        self.size_name = self.name_of(_SIZE)
        size = _number(query.get(self.size_name)) or count
        self.sized: dict[str, str | int] = (
            {"size_parameter": self.size_name, "size": size} if self.size_name else {}
        )

    def name_of(self, names: tuple[str, ...]) -> str:
        """The first of these parameters that the request has with a whole number."""
        return next((name for name in names if _number(self.query.get(name)) is not None), "")


def _by_page(asked: _Asked, outside: Mapping[str, Any]) -> Proposal | None:
    name, pages = asked.name_of(_PAGE), _path_of(_PAGES, outside)
    if not name and not ("page" in outside and pages):
        return None
    first = _number(asked.query.get(name or "page"))
    found: dict[str, str | int] = {"kind": "page", "parameter": name or "page"}
    found |= {"first": 1 if first is None else first, **({"pages": pages} if pages else {})}
    return {**found, **asked.sized}, []


def _by_next(asked: _Asked, outside: Mapping[str, Any]) -> Proposal | None:
    for path, found in outside.items():
        name = path.rpartition(".")[2]
        if type(found) is not str or not found or name not in {*_CURSORS, *_ADDRESSES}:
            continue
        if _ADDRESS.fullmatch(found):
            return _by_address(path, found, asked)
        if name in _CURSORS:
            note = f"The next page is asked for with {_CURSORS[name]}=…: check that it is so."
            kind: dict[str, str | int] = {"kind": "cursor", "parameter": _CURSORS[name]}
            return {**kind, "cursor": path, **asked.sized}, [note]
    return None


def _by_offset(asked: _Asked) -> Proposal | None:
    name = asked.name_of(_OFFSET)
    first = _number(asked.query.get(name)) or 0
    found: dict[str, str | int] = {"kind": "offset", "parameter": name, "first": first}
    return ({**found, "size": asked.count, **asked.sized}, []) if name else None


def _open_ends(asked: _Asked, outside: Mapping[str, Any]) -> list[str]:
    """What hints at pages that could not be made out."""
    path = _total_path(outside, asked.count + 1) or _total_path(outside, asked.count + 1, "count")
    if path:
        total = outside[path]
        told = f"The answer speaks of {total} records and has {asked.count}"
        advice = "Use the address of a page (page=1, offset=0), or write [paging] yourself."
        return [f"{told}: how to ask for the rest could not be seen. {advice}"]
    if asked.size_name and asked.sized["size"] == asked.count:
        return [f"There are as many records as {asked.size_name} says: there may be more pages."]
    return []


def find_total(value: Any, records: str, count: int) -> str:
    """The path of the number of all records; empty where the answer does not say it."""
    return _total_path(dict(_members(value, records)), count)


def _total_path(outside: Mapping[str, Any], least: int, *others: str) -> str:
    for path, found in outside.items():
        if path.rpartition(".")[2] in {*_TOTALS, *others} and type(found) is int:
            return path if found >= least else ""
    return ""


def _by_address(path: str, address: str, asked: _Asked) -> Proposal:
    """The next page's address stands in the body: which of its parameters is the step?"""
    try:
        following = dict(parse_qsl(urlsplit(address).query))
    except ValueError:
        following = {}
    for name, value in following.items():
        before, step = _number(asked.query.get(name)), _number(value)
        if step is None or before == step:
            continue
        found: dict[str, str | int] = {"parameter": name}
        if name in _PAGE and step > 0:
            return {"kind": "page", **found, "first": step - 1, "size": asked.count}, []
        if name in _OFFSET and step - (before or 0) == asked.count:
            first = {"first": before or 0, "size": asked.count}
            return {"kind": "offset", **found, **first, **asked.sized}, []
    if _NEXT_LINK in paging.KINDS:
        return {"kind": _NEXT_LINK, "cursor": path}, []
    return {}, [f"The next page's address stands in {path}: declarations cannot follow it."]


def _members(value: Any, records: str, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Values outside of the records, by path."""
    if path == records and path:
        return
    pairs: Any = ()
    if type(value) is dict:
        pairs = value.items()
    elif type(value) is list and depth == 0 and records:
        pairs = ((str(at), each) for at, each in enumerate(value))
    else:
        yield path, value
    if depth < _DEEPEST:
        for name, each in pairs:
            if name and "." not in name:
                yield from _members(each, records, f"{path}.{name}" if path else name, depth + 1)


def _path_of(names: tuple[str, ...], members: Mapping[str, Any]) -> str:
    """The path of a member with one of these names that holds a whole number."""
    for path, value in members.items():
        if path.rpartition(".")[2] in names and type(value) in (int, str) and _number(str(value)):
            return path
    return ""


def _number(value: str | None) -> int | None:
    if value is None or not (value.isascii() and value.isdigit() and len(value) <= _DIGITS):
        return None
    return int(value)
