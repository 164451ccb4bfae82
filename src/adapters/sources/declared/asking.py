"""What a declared source asks, and what each request carries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from adapters.sources.declared.paging import Query
from adapters.sources.declared.places import PlaceRules
from adapters.sources.declared.span import Span, SpanRules
from adapters.sources.declared.templates import Template
from adapters.sources.declared.weights import Weight
from domain.requests import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Where a walk stands: the context of a request.

    Attributes:
        values: of the target and of the parameters.
        query: parameters of the request.
        left: most records; None for all.
        places: those that are asked for; none where a target is one thing.
        waiting: places of later requests, which a limit makes wait, and the span they begin with.
        files: further files that are to be asked for after this one; None for an answer that may
            name them.
    """

    values: Mapping[str, str]
    span: Span
    query: Query
    left: int | None = None
    places: Sequence[str] = ()
    waiting: Sequence[Sequence[str]] = ()
    begin: Span
    files: Sequence[str] | None = None

    @property
    def shown(self) -> str:
        """What is asked for, in messages."""
        return ", ".join(self.places) or self.values["target"]

    def to_context(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "values": dict(self.values),
            "span": self.span.to_json(),
            "query": dict(self.query),
            "left": self.left,
            "places": list(self.places),
            "waiting": [list(each) for each in self.waiting],
            "begin": self.begin.to_json(),
            "files": None if self.files is None else list(self.files),
        }

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> Self:
        """What a request carries."""
        spans = {name: Span.from_json(context[name]) for name in ("span", "begin")}
        return cls(**{**context, **spans})


@dataclass(frozen=True, slots=True)
class RequestRules:
    """How a request is made.

    Attributes:
        kind: of all requests.
        begin: parameters of a first page.
    """

    kind: str
    path: Template
    query: Mapping[str, Template]
    accept: str
    begin: Query
    weight: Weight
    spans: SpanRules
    places: PlaceRules | None

    def values(self, asked: Asked) -> Mapping[str, str]:
        """What path and query may name, but for the span."""
        own = self.places.joined(asked.places) if self.places and asked.places else {}
        return {**asked.values, **own}

    def first_query(self, asked: Asked) -> Query:
        """The parameters of the first page of what is asked."""
        filled = {**self.values(asked), **self.spans.written(asked.span)}
        found = {name: fill(filled) for name, fill in self.query.items()}
        return {**{name: value for name, value in found.items() if value}, **self.begin}

    def request(self, asked: Asked, path: Template | None = None, **more: str) -> Request:
        """The request; of a further file by its own path, with its name."""
        values = {**self.values(asked), **more}
        quoted = {name: quote(value, safe="") for name, value in values.items()}
        return Request(
            kind=self.kind,
            url=(path or self.path)({**quoted, **self.spans.written(asked.span)}),
            params=() if path else tuple(asked.query.items()),
            context=asked.to_context(),
            expands=asked.files is None or asked.left is not None,
            accept=self.accept,
            weight=self.weight.of(self._numbers(asked)),
        )

    def _numbers(self, asked: Asked) -> Mapping[str, float]:
        """What a formula of the weight may name: of a parameter, how many words it lists."""
        listed = {
            name: len([each for each in value.split(",") if each.strip()])
            for name, value in asked.values.items()
        }
        days = self.spans.days_of(asked.span)
        return {**listed, "days": days, "places": max(1, len(asked.places))}
