"""Lists of the names that an upstream knows, asked for only to help with one that it does not."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from adapters.sources.declared.paths import Finder, finder
from adapters.sources.declared.section import Section
from adapters.sources.declared.templates import Template, path_in, template
from adapters.sources.json_documents import decode_answer, text
from domain.errors import NotFoundError
from domain.requests import CacheMode, CachePolicy, Request, Response
from domain.sources import Page

SUGGESTIONS = "known names"
"""The kind of requests for such a list; no table has such a name, as other kinds have."""

_A_DAY = CachePolicy(CacheMode.KEEP, 86_400)
_MOST = 200_000
_BETWEEN = re.compile(r"[,;+\s]+")


@dataclass(frozen=True, slots=True)
class NameList:
    """One list.

    Attributes:
        path, query: what is asked.
        weight: of the request.
        records: finds the list in its answer; of an object, the members' names are the names.
        names: find the names in a member of the list.
        of: values of a request whose words should be such names.
        what: what they are names of; empty for what the upstream's error speaks of.
    """

    path: Template
    query: Mapping[str, Template]
    weight: int
    records: Finder
    names: Sequence[Finder]
    of: Sequence[str]
    what: str

    def request(self, values: Mapping[str, str], context: Mapping[str, Any]) -> Request:
        """The request for it."""
        asked = {name: fill(values) for name, fill in self.query.items()}
        quoted = {name: quote(value, safe="") for name, value in values.items()}
        return Request(
            kind=SUGGESTIONS,
            url=self.path(quoted),
            params=tuple((name, value) for name, value in asked.items() if value),
            context=context,
            cache=_A_DAY,
            weight=self.weight,
        )

    def found(self, answer: Any) -> set[str]:
        """The names in an answer; none in one that is no list."""
        listed = self.records(answer)
        if type(listed) is dict:
            return set(listed)
        members = listed[:_MOST] if type(listed) is list else []
        names = (text(find(each)) for each in members for find in self.names)
        return {name for name in names if name}

    def unknown(
        self, values: Mapping[str, str], usual: Mapping[str, str], known: Collection[str]
    ) -> str | None:
        """The first word of the values that is no such name; those of a default all are."""
        spelled = {name.casefold() for name in known}
        words = (
            word
            for name in self.of
            if values.get(name) != usual.get(name)
            for word in _words(values.get(name, ""), spelled)
        )
        return next((word for word in words if word.casefold() not in spelled), None)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """The lists of an upstream, asked for one after another until one lacks a word.

    Attributes:
        usual: defaults of the parameters, which are no names.
    """

    lists: Sequence[NameList]
    usual: Mapping[str, str]

    def for_unknown(self, error: NotFoundError, values: Mapping[str, str]) -> Page:
        """The request for the first list.

        Args:
            error: what the upstream says.
            values: that were asked with.

        Raises:
            NotFoundError: there is none.
        """
        told = {"what": error.what, "hint": error.hint, "name": error.name, "values": dict(values)}
        return self._next({**told, "list": 0})

    def after(self, request: Request, response: Response) -> Page:
        """The request for the next list, where this one has all words.

        Raises:
            NotFoundError: with the names that are near; or without, when there is no other list.
            ParseError: the answer cannot be read.
        """
        told = request.context
        asked = self.lists[told["list"]]
        known = asked.found(decode_answer(response))
        word = asked.unknown(told["values"], self.usual, known) if known else None
        if word is not None:
            raise NotFoundError(asked.what or told["what"], word, known, told["hint"])
        return self.without(request)

    def without(self, request: Request) -> Page:
        """The request for the list after one that helps nobody.

        Raises:
            NotFoundError: there is none.
        """
        return self._next({**request.context, "list": request.context["list"] + 1})

    def _next(self, told: Mapping[str, Any]) -> Page:
        if told["list"] >= len(self.lists):
            raise NotFoundError(told["what"], told["name"], (), told["hint"])
        return Page(requests=[self.lists[told["list"]].request(told["values"], told)])


def read_suggestions(
    sections: Sequence[Section], known: Collection[str], default: str
) -> list[NameList]:
    """The `[[suggestions]]` of a declaration.

    Args:
        sections: one for each list.
        known: values of a request.
        default: the value that names come from when a section says nothing else.
    """
    return [_read(each, known, default) for each in sections]


def _read(section: Section, known: Collection[str], default: str) -> NameList:
    for name in (of := section.texts("of", (default,))):
        if name not in known:
            raise section.unknown(name="of", value=name, known=known)
    path, query = path_in(section, "path"), section.mapping("query")
    found = NameList(
        template(path, known, section, "path"),
        {key: template(each, known, section, "query") for key, each in query.items()},
        max(1, section.integer("weight", 1)),
        finder(section.text("records", "")),
        [finder(each) for each in section.texts("name", ("",))],
        of,
        section.text("what", ""),
    )
    section.end()
    return found


def _words(value: str, known: Collection[str]) -> Iterator[str]:
    """A value that is a name itself, else its words."""
    yield from (value,) if value.casefold() in known else filter(None, _BETWEEN.split(value))
