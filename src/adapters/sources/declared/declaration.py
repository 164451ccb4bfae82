"""Reads a declaration in TOML into a source; nothing of it is looked up again later."""

import tomllib
from collections.abc import Collection
from datetime import timedelta

from adapters.sources.declared.answers import AnswerRules
from adapters.sources.declared.asking import RequestRules
from adapters.sources.declared.columns import read_table
from adapters.sources.declared.complaints import read_complaints
from adapters.sources.declared.paging import KINDS, read_files, read_paging
from adapters.sources.declared.parallel_columns import SHAPES
from adapters.sources.declared.paths import finder
from adapters.sources.declared.places import PLACE, read_places
from adapters.sources.declared.policies import read_policy
from adapters.sources.declared.section import Section
from adapters.sources.declared.span import SpanRules, read_span_rules
from adapters.sources.declared.sql_words import RESERVED, TABLE
from adapters.sources.declared.suggestions import Suggestions, read_suggestions
from adapters.sources.declared.targets import read_parameters, read_target
from adapters.sources.declared.templates import names_in, path_in, template
from adapters.sources.declared.walk import DeclaredWalk
from adapters.sources.declared.weights import Weight, read_weight
from domain.errors import ConfigurationError, UsageError
from domain.sources import Source

_SPAN = frozenset({"since", "until"})
_PARTS = (
    "name", "domain", "title", "example_target", "target", "places", "parameters", "policy",
    "request", "paging", "window", "errors", "suggestions", "table",
)  # fmt: skip


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
    top.only(_PARTS)
    name, domain = top.name("name", TABLE), top.name("domain", TABLE, RESERVED)
    asking, paging = top.section("request"), top.section("paging")
    target = read_target(top.section("target"))
    places_section = top.section("places")
    places = read_places(places_section, target) if "places" in top else None
    own = {*target.pattern.groupindex} | ({PLACE} if places else set())
    parameters = read_parameters(top.sections("parameters"), {"target", *_SPAN, *own})
    names = {each.parameter.name for each in parameters}
    spans = read_span_rules(top.section("window"))
    in_request = {*_SPAN, *own, *names} | (set() if places else {"target"})
    of_record = own if places is None or places.apart or places.at_once == 1 else set()
    table, reader, expectation = read_table(top.section("table"), {"target", *of_record, *names})
    files = read_files(paging)
    if places is not None and places.apart and paging.choice("kind", KINDS, KINDS[0]) != KINDS[0]:
        raise paging.fail(
            name="kind", complaint="answers of several places apart have one page: take it out."
        )
    begin, following = read_paging(paging)
    path, query = path_in(asking, "path"), asking.mapping("query")
    takes = _SPAN.intersection(*[names_in("".join((path, *query.values())))])
    complaints = read_complaints(top.sections("errors"))
    walk = DeclaredWalk(
        name=name,
        target=target,
        places=places,
        parameters=parameters,
        asking=RequestRules(
            kind=table.name,
            path=template(path, in_request, asking, "path"),
            query={key: template(one, in_request, asking, "query") for key, one in query.items()},
            accept=asking.text("accept", "application/json"),
            begin=begin,
            weight=_weight(asking, {"days", "places", *names}, spans),
            spans=spans,
            places=places,
        ),
        answers=AnswerRules(
            records=finder(asking.text("records", "")),
            file_records=files.records if files else finder(""),
            by_columns=asking.choice("shape", SHAPES, "rows") == "columns",
            may_be_null=asking.flag("records_may_be_null", default=False),
            total=finder(asking.text("total", "")),
            read=reader,
            complaints=complaints,
            places=places,
        ),
        following=following,
        files=files,
        file_path=template(files.path, {*in_request, "file"}, paging, "file_path")
        if files
        else None,
        suggestions=Suggestions(
            read_suggestions(
                top.sections("suggestions"),
                {"target", *own, *names},
                "target" if places is None else PLACE,
            ),
            {each.parameter.name: each.parameter.default for each in parameters},
        ),
        takes=takes,
    )
    asking.end()
    example = top.text("example_target")
    check_target = target.check if places is None else places.check
    try:
        check_target(example)
    except UsageError as exc:
        raise top.fail(name="example_target", complaint=str(exc)) from exc
    return Source(
        name=name,
        domain=domain,
        title=top.text("title"),
        example_target=example,
        tables=(table,),
        policy=read_policy(top.section("policy")),
        check_target=check_target,
        start=walk.start,
        parse=walk.parse,
        failed=walk.failed,
        parameters=tuple(each.parameter for each in parameters),
        expectations=(expectation,),
        takes=takes,
        remembers=spans.tail_days is not None,
        default_span=timedelta(days=spans.default_days) if spans.default_days else None,
    )


def _weight(asking: Section, known: Collection[str], spans: SpanRules) -> Weight:
    weight = read_weight(asking, known)
    if "days" in weight.names and not spans.days:
        raise asking.fail(
            name="weight", complaint="days needs [window] days, the longest span of a request."
        )
    return weight
