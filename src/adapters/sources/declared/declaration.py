"""Reads a declaration in TOML into a source; nothing of it is looked up again later."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from adapters.sources.candles.numbers import upstream_time
from adapters.sources.candles.windows import check_begun, check_order, most
from adapters.sources.declared.columns import Reader, read_table
from adapters.sources.declared.complaints import (
    Complaint,
    raise_by_status,
    raise_stated,
    read_complaints,
)
from adapters.sources.declared.paging import (
    FileList,
    NextPage,
    Query,
    read_files,
    read_paging,
)
from adapters.sources.declared.parallel_columns import SHAPES, rows_of
from adapters.sources.declared.paths import Finder, finder
from adapters.sources.declared.policies import read_policy
from adapters.sources.declared.section import Section
from adapters.sources.declared.span import Span, SpanRules, check_supported, read_span_rules
from adapters.sources.declared.targets import (
    ParameterRules,
    TargetRules,
    checked_values,
    read_parameters,
    read_target,
)
from adapters.sources.declared.templates import Template, names_in, template
from adapters.sources.json_documents import decode
from domain.errors import ConfigurationError, CursorLoopError, FetchError, ParseError
from domain.requests import Request, Response
from domain.sources import Options, Page, Source, Window

_NO_CONTENT = 204


def read_declaration(text: str, file: str) -> Source:
    """The source that a TOML text declares.

    Args:
        text: of the whole file.
        file: its name, for complaints.

    Raises:
        ConfigurationError: with file, line, field, and the nearest name that is known.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        message = f"{file} is not TOML: {exc}."
        raise ConfigurationError(message) from exc
    top = Section(values, "", file, text)
    target = read_target(top.section("target"))
    parameters = read_parameters(top.sections("parameters"))
    paging = top.section("paging")
    files = read_files(paging)
    begin, following = read_paging(paging)
    table, reader, expectation = read_table(top.section("table"))
    rules = read_span_rules(top.section("window"))
    asking = top.section("request")
    path, query = asking.text("path"), asking.mapping("query")
    known = {"target", "since", "until", *target.pattern.groupindex}
    known |= {each.parameter.name for each in parameters}
    used = [name for each in (path, *query.values()) for name in names_in(each)]
    name = top.text("name")
    walk = DeclaredWalk(
        name=name,
        target=target,
        parameters=parameters,
        path=template(path, known, asking, "path"),
        query={key: template(each, known, asking, "query") for key, each in query.items()},
        accept=asking.text("accept", "application/json"),
        begin=begin,
        following=following,
        files=files,
        file_path=template(files.path, {*known, "file"}, paging, "file_path") if files else None,
        records=finder(asking.text("records", "")),
        file_records=files.records if files else finder(""),
        by_columns=asking.choice("shape", SHAPES, "rows") == "columns",
        may_be_null=asking.flag("records_may_be_null", default=False),
        total=finder(asking.text("total", "")) if "total" in asking else None,
        read=reader,
        table=table.name,
        rules=rules,
        complaints=read_complaints(top.sections("errors")),
        used={each: each in used for each in ("since", "until")},
    )
    asking.text("total", "")
    asking.end()
    source = Source(
        name=name,
        domain=top.text("domain"),
        title=top.text("title"),
        example_target=top.text("example_target"),
        tables=(table,),
        policy=read_policy(top.section("policy")),
        check_target=target.check,
        start=walk.start,
        parse=walk.parse,
        failed=walk.failed,
        parameters=tuple(each.parameter for each in parameters),
        expectations=(expectation,),
        default_span=timedelta(days=rules.default_days) if rules.default_days else None,
    )
    top.end()
    return source


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredWalk:
    """What a declaration says of requests and answers, as functions.

    Attributes:
        used: whether the request has a place for `since` and for `until`.
    """

    name: str
    target: TargetRules
    parameters: Sequence[ParameterRules]
    path: Template
    query: Mapping[str, Template]
    accept: str
    begin: Query
    following: NextPage
    files: FileList | None
    file_path: Template | None
    records: Finder
    file_records: Finder
    by_columns: bool
    may_be_null: bool
    total: Finder | None
    read: Reader
    table: str
    rules: SpanRules
    complaints: Sequence[Complaint]
    used: Mapping[str, bool]

    def start(self, target: str, window: Window, options: Options) -> Sequence[Request]:
        """The first request."""
        check_order(window)
        check_supported(window, self.used, self.name)
        left = most(options)
        values = {**self.target.values(target), **checked_values(self.parameters, options)}
        span = self.rules.first(window)
        nothing = left == 0 or self.rules.is_empty(span)
        return () if nothing else (self._request(values, span, left),)

    def _request(
        self, values: Mapping[str, str], span: Span, left: int | None, query: Query | None = None
    ) -> Request:
        if query is None:
            filled = {**values, **self.rules.written(span)}
            asked = {name: fill(filled) for name, fill in self.query.items()}
            query = {**{name: value for name, value in asked.items() if value}, **self.begin}
        context = {
            "values": dict(values), "span": span.to_json(), "query": dict(query), "left": left,
        }  # fmt: skip
        quoted = {name: quote(value, safe="") for name, value in values.items()}
        return Request(
            kind=self.table,
            url=self.path({**quoted, **self.rules.written(span)}),
            params=tuple(query.items()),
            context=context,
            expands=True,
            accept=self.accept,
        )

    def parse(self, request: Request, response: Response) -> Page:
        """The records of an answer, and what follows it."""
        values, left = request.context["values"], request.context["left"]
        span, query = Span.from_json(request.context["span"]), request.context["query"]
        now = upstream_time(response)
        if span.since is not None:
            check_begun(span.since, now)
        records = self.file_records if "files" in request.context else self.records
        value, found = self._found(response, values["target"], records)
        kept = found if left is None else found[:left]
        rest = None if left is None else left - len(kept)
        requests = []
        if rest is None or rest > 0:
            more = self.following(query, value, response.headers, len(found))
            if more is not None:
                if dict(more) == dict(query):
                    raise CursorLoopError(str(dict(more)))
                requests.append(self._request(values, span, rest, more))
            elif (after := self.rules.after(span, now)) is not None:
                requests.append(self._request(values, after, rest))
            requests += self._files(request, value, rest)
        total = self.total(value) if self.total else None
        return Page(
            records={self.table: [self.read(each, values) for each in kept]},
            requests=requests,
            items=len(kept),
            total=total if type(total) is int and total >= 0 else None,
            complete_until=self.rules.complete_until(span, now) if left is None else None,
        )

    def _files(self, request: Request, value: Any, left: int | None) -> list[Request]:
        """The files that the first answer names: all at once, or in turn where a limit holds."""
        if self.files is None or self.file_path is None:
            return []
        context = request.context
        names = context["files"] if "files" in context else self.files.found(value)
        quoted = {name: quote(each, safe="") for name, each in context["values"].items()}
        return [
            replace(
                request,
                url=self.file_path({**quoted, "file": quote(name, safe="")}),
                params=(),
                context={
                    **context, "left": left, "files": [] if left is None else names[at + 1 :]
                },
                expands=left is not None,
            )
            for at, name in enumerate(names if left is None else names[:1])
        ]  # fmt: skip

    def _found(self, response: Response, target: str, records: Finder) -> tuple[Any, list[Any]]:
        if response.status == _NO_CONTENT:
            return None, []
        try:
            value = decode(response.body, response.headers.get("content-type"))
        except ParseError as error:
            message = f"The answer for {target} cannot be read: {error}."
            raise ParseError(message) from error
        raise_stated(self.complaints, target, value)
        found = records(value)
        if found is None and self.may_be_null and value is not None:
            return value, []
        if self.by_columns:
            return value, rows_of(found, target)
        if type(found) is not list or not all(type(each) in (dict, list) for each in found):
            message = f"The answer for {target} holds no list of records."
            raise ParseError(message)
        return value, found

    def failed(self, request: Request, error: FetchError | ParseError) -> Page:
        """A request that is given up ends the run, with the upstream's own reason."""
        raise_by_status(self.complaints, request.context["values"]["target"], error)
        raise error
