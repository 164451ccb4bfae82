"""A source that is proposed from one of its answers."""

from collections.abc import Callable
from dataclasses import dataclass

from domain.headers import Headers
from domain.sources import Source, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person has said of a new source; empty where the answer is to tell.

    Attributes:
        name: of the source, and of its file.
        domain: the SQL schema.
        url: the address that gave the answer.
        target: the part of the address that names what is asked for.
        table, records, key: the table's name, the path of the list, the key's columns.
    """

    name: str
    domain: str
    url: str
    target: str = ""
    table: str = ""
    records: str = ""
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A declaration as text, and how to walk the answer that it was made from.

    Attributes:
        notes: what was left out or guessed, for people.
    """

    text: str
    target: str
    window: Window
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drafter:
    """What it takes to make a source out of an address and its answer; all pure.

    Attributes:
        probe: a source whose one request asks the address. UsageError when it is none.
        draft: a declaration that reads an answer (body, fields). UsageError or ParseError, with
            what to do, when it holds no table.
        scrub: an answer (body, media type) without keys.
        scrub_text: a header field without keys.
    """

    probe: Callable[[Wishes], Source]
    draft: Callable[[Wishes, bytes, Headers], Draft]
    scrub: Callable[[Wishes, bytes, str | None], bytes]
    scrub_text: Callable[[Wishes, str], str]
