"""How a list goes on: which query parameters ask for the next page."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.sources.declared.paths import Finder, finder
from adapters.sources.declared.section import Section
from adapters.sources.declared.templates import path_in
from adapters.sources.json_documents import text
from domain.errors import ParseError
from domain.headers import Headers

KINDS = ("single", "page", "offset", "cursor", "link", "next_link", "files")

type Query = Mapping[str, str]
type NextPage = Callable[[Query, Any, Headers, int], Query | None]
"""From the query asked, its answer (value, fields, number of records) to the next query."""

_LINK = re.compile(r'<([^<>]{1,4000})>\s*;[^<]{0,400}?\brel="?next\b')
_MOST_PAGES = 1_000_000
_MOST_FILES = 10_000


@dataclass(frozen=True, slots=True)
class FileList:
    """Further files that an answer names, each with records of its own.

    Attributes:
        names: finds the list in an answer.
        name: finds the file's name in a member of the list.
        path: template of a file's address, below the base URL.
        records: finds the records in a file.
    """

    names: Finder
    name: Finder
    path: str
    records: Finder

    def found(self, value: Any) -> list[str]:
        """The names, each once.

        Raises:
            ParseError: they are no list of names, or too many.
        """
        listed = self.names(value)
        members = listed if type(listed) is list else [] if listed is None else [None]
        names = [text(self.name(each)) for each in members]
        if not all(names) or len(names) > _MOST_FILES:
            message = f"The answer's list of files is none, or has more than {_MOST_FILES:,}."
            raise ParseError(message)
        return list(dict.fromkeys(name for name in names if name))


def read_files(section: Section) -> FileList | None:
    """The further files of `[paging]`, where its kind is `files`."""
    wanted = section.choice("kind", KINDS, "single") == "files"
    names = section.text("files", None if wanted else "")
    name = section.text("file", "")
    path = path_in(section, "file_path") if wanted else section.text("file_path", "")
    records = finder(section.text("file_records", ""))
    return FileList(finder(names), finder(name), path, records) if wanted else None


def _query_of(address: str) -> Query | None:
    """The parameters of the next page's address; its host and path are not trusted."""
    try:
        return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
    except ValueError:
        return None


def read_paging(section: Section) -> tuple[Query, NextPage]:
    """The `[paging]` of a declaration: the first page's parameters, and the way to the next.

    `read_files` must have been called before: the section ends here.
    """
    kind = section.choice("kind", KINDS, "single")
    name = section.text("parameter", None if kind in ("page", "offset", "cursor") else "")
    size = section.integer("size", None if kind == "offset" else 0)
    size_name = section.text("size_parameter", "")
    first = section.integer("first", 1)
    pages = finder(section.text("pages", "")) if "pages" in section else None
    cursor = finder(section.text("cursor", None if kind in ("cursor", "next_link") else ""))
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
        return _query_of(found[1]) if found else None

    def next_link(_asked: Query, value: Any, _headers: Headers, _count: int) -> Query | None:
        found = text(cursor(value))
        return _query_of(found) if found else None

    ways: dict[str, NextPage] = {
        "single": single, "page": page, "offset": offset, "cursor": by_cursor, "link": link,
        "next_link": next_link, "files": single,
    }  # fmt: skip
    if kind in ("page", "offset"):
        begin[name] = str(first)
    return begin, ways[kind]
