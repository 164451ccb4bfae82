"""How a list goes on: which query parameters ask for the next page."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.sources.declared.paths import finder
from adapters.sources.declared.section import Section
from adapters.sources.json_documents import text
from domain.headers import Headers

KINDS = ("single", "page", "offset", "cursor", "link")

type Query = Mapping[str, str]
type NextPage = Callable[[Query, Any, Headers, int], Query | None]
"""From the query asked, its answer (value, fields, number of records) to the next query."""

_LINK = re.compile(r'<([^<>]{1,4000})>\s*;[^<]{0,400}?\brel="?next\b')
_MOST_PAGES = 1_000_000


def read_paging(section: Section) -> tuple[Query, NextPage]:
    """The `[paging]` of a declaration: the first page's parameters, and the way to the next."""
    kind = section.choice("kind", KINDS, "single")
    name = section.text("parameter", "" if kind in ("single", "link") else None)
    size = section.integer("size", None if kind == "offset" else 0)
    size_name = section.text("size_parameter", "")
    first = section.integer("first", 1)
    pages = finder(section.text("pages", "")) if "pages" in section else None
    cursor = finder(section.text("cursor", None if kind == "cursor" else ""))
    section.end()
    begin = {size_name: str(size)} if size_name else {}

    def single(_asked: Query, _value: Any, _headers: Headers, _count: int) -> Query | None:
        return None

    def page(asked: Query, value: Any, _headers: Headers, count: int) -> Query | None:
        number = int(asked.get(name, first))
        said = text(pages(value)) if pages else None
        last = int(said) if said and said.isdecimal() and len(said) < len(str(2**63)) else None
        more = count > 0 and (count >= size if last is None else number - first + 1 < last)
        return {**asked, name: str(number + 1)} if more and number < _MOST_PAGES else None

    def offset(asked: Query, _value: Any, _headers: Headers, count: int) -> Query | None:
        return {**asked, name: str(int(asked[name]) + count)} if 0 < size <= count else None

    def by_cursor(asked: Query, value: Any, _headers: Headers, _count: int) -> Query | None:
        found = text(cursor(value))
        return {**asked, name: found} if found else None

    def link(_asked: Query, _value: Any, headers: Headers, _count: int) -> Query | None:
        found = _LINK.search(headers.get("link") or "")
        if not found:
            return None
        try:
            return dict(parse_qsl(urlsplit(found[1]).query, keep_blank_values=True))
        except ValueError:
            return None

    ways: dict[str, NextPage] = {
        "single": single, "page": page, "offset": offset, "cursor": by_cursor, "link": link,
    }  # fmt: skip
    if kind in ("page", "offset"):
        begin[name] = str(first)
    return begin, ways[kind]
