"""The JSON Schema of declarations, for editors; its enumerations are those of the reader."""

import json
import re
from collections.abc import Mapping
from typing import Any

from adapters.sources.declared import (
    complaints,
    paging,
    parallel_columns,
    places,
    span,
    sql_words,
    transforms,
)
from domain.requests import CacheMode
from domain.tables import WriteMode

type Property = Mapping[str, Any]


def _text(meaning: str, **rules: Any) -> Property:
    return {"type": "string", **rules, "description": meaning}


def _named(meaning: str, form: re.Pattern[str]) -> Property:
    return _text(meaning, pattern=f"^{form.pattern}$")


def _one_of(words: tuple[str, ...], meaning: str) -> Property:
    return {"enum": list(words), "description": meaning}


def _whole(meaning: str, **rules: Any) -> Property:
    return {"type": "integer", "minimum": 0, **rules, "description": meaning}


def _flag(meaning: str) -> Property:
    return {"type": "boolean", "description": meaning}


def _texts(meaning: str) -> Property:
    either = [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    return {"anyOf": either, "description": meaning}


def _pattern(meaning: str) -> Property:
    return _text(meaning, format="regex")


def _table(meaning: str, required: tuple[str, ...], members: Mapping[str, Property]) -> Property:
    found: dict[str, Any] = {"type": "object", "description": meaning}
    if required:
        found["required"] = list(required)
    return {**found, "properties": members, "additionalProperties": False}


def _tables(meaning: str, required: tuple[str, ...], members: Mapping[str, Property]) -> Property:
    return {
        "type": "array",
        "description": meaning,
        "items": _table("One entry.", required, members),
    }


_TARGET = _table(
    "What can be asked for: the word after the domain in `app ingest`.",
    ("pattern", "form"),
    {
        "pattern": _pattern(
            "Regular expression of the whole target; its named groups can be used in the request."
        ),
        "case": _one_of(("as_is", "upper", "lower"), "How a target is spelled before it is used."),
        "form": _text("What a target looks like, said when one does not fit."),
    },
)
_PLACES = _table(
    "Targets of several places; pattern, case and form of the target are then those of one place.",
    (),
    {
        "separator": _text("Between the places of a target; + when not given.", minLength=1),
        "most": _whole("Most places of a target, 50 when not given.", minimum=1),
        "at_once": _whole("Places of one request, 1 when not given.", minimum=1),
        "joined_by": _text("Between values of several places in a request; , when not given."),
        "answers": _one_of(
            places.ANSWERS,
            "A list of one answer for each place, in order (of one place, itself); or one answer.",
        ),
    },
)
_PARAMETERS = _tables(
    "Options of the source, given with -p name=value.",
    ("name", "meaning"),
    {
        "name": _text("Name, which can be used in path and query as {name}."),
        "meaning": _text("What it does, in a sentence."),
        "default": _text("Its value when it is not given."),
        "pattern": _pattern("Regular expression of its other values."),
    },
)
_POLICY = _table(
    "How the upstream is to be talked to.",
    ("base_url",),
    {
        "base_url": _text("Origin and path prefix of all requests.", pattern="^https?://"),
        "limits": _texts("Known limits: 60/m, 5000/h, 10/15m."),
        "concurrency": _whole("Most requests in flight."),
        "cache": _one_of(tuple(CacheMode), "How answers are cached; keep needs cache_seconds."),
        "cache_seconds": _whole("How long answers are kept with cache = keep."),
        "limits_in_words": _flag("The upstream says in words how long to wait."),
        "when_refused": _text("What a person may do about a 401 or 403."),
        "key": _table(
            "The header that carries a key. The key itself never stands here.",
            ("header", "variable", "where"),
            {
                "header": _text("Name of the header."),
                "variable": _text("Environment variable that holds the key."),
                "where": _text("The page at which a person gets one."),
                "required": _flag("Without a key the source does not work."),
                "scheme": _text("Word before the key in the header, as Bearer."),
            },
        ),
    },
)
_REQUEST = _table(
    "What is asked. {target}, {since}, {until}, parameters and named groups can be used.",
    ("path",),
    {
        "path": _text("Path below the base URL.", pattern="^/(?!/)"),
        "query": {
            "type": "object",
            "description": "Query parameters; one is left out where a value in it is empty.",
            "additionalProperties": {"type": "string"},
        },
        "accept": _text("Media types for the Accept header."),
        "records": _text("Dotted path of the list of records; empty: the answer itself."),
        "shape": _one_of(
            parallel_columns.SHAPES,
            "A list of records, or an object of columns: lists of one length.",
        ),
        "records_may_be_null": _flag("Null in place of the list means that there are none."),
        "total": _text("Dotted path of the number of items."),
        "weight": {
            "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "maxLength": 200}],
            "description": "How much a request counts against the limits: a number, or a formula "
            "of days, places, and the names of parameters (how many words each lists).",
        },
    },
)
_PAGING = _table(
    "How a list goes on.",
    (),
    {
        "kind": _one_of(paging.KINDS, "How the next page is asked for."),
        "parameter": _text("Query parameter that carries the page, offset or cursor."),
        "size": _whole("Records of a full page; needed for offset."),
        "size_parameter": _text("Query parameter that carries the size."),
        "first": _whole("Number of the first page, or the first offset; 1 when not given."),
        "pages": _text("Dotted path of the number of pages."),
        "cursor": _text("Dotted path of the cursor, or of the next page's address (next_link)."),
        "files": _text("Dotted path of the list of further files."),
        "file": _text("Dotted path of a file's name in a member of that list; empty: itself."),
        "file_records": _text("Dotted path of the records in a further file; empty: the answer."),
        "file_path": _text("Path of a further file below the base URL, with {file} in it."),
    },
)
_WINDOW = _table(
    "Time spans; needs {since} or {until} in the request.",
    (),
    {
        "begin": _text("Where the data begin: a date.", format="date"),
        "format": _one_of(span.FORMATS, "How a moment is written."),
        "open_end": _text("Written for an open end; empty: left out."),
        "days": _whole("Longest span of one request."),
        "tail_days": _whole("How long values are provisional; with it, runs are incremental."),
        "default_days": _whole("How far back the upstream goes when it is told no beginning."),
    },
)
_ERRORS = _tables(
    "What the upstream says when something is wrong.",
    ("kind",),
    {
        "status": _whole("HTTP status it comes with; not given: a body with a good status."),
        "path": _text("Dotted path of the words in a body with a good status."),
        "pattern": _pattern("Regular expression that the words match."),
        "kind": _one_of(complaints.KINDS, "Which error it is."),
        "what": _text("What was not found, as country."),
        "hint": _text("What a person may do about it."),
    },
)
_SUGGESTIONS = _tables(
    "Lists of the names that the upstream knows, asked for when it does not know one.",
    ("path",),
    {
        "path": _text(
            "Path of the list, with the names of [request] but for since and until.",
            pattern="^/(?!/)",
        ),
        "query": {
            "type": "object",
            "description": "Query parameters of the list.",
            "additionalProperties": {"type": "string"},
        },
        "records": _text("Dotted path of the list; of an object, its members' names are meant."),
        "name": _texts("Dotted path of the name in a member of the list; empty: itself."),
        "of": _texts("Values of the request whose words are such names; the target by default."),
        "what": _text("What they are names of, as country."),
        "weight": _whole("How much asking for the list counts against the limits."),
    },
)
_FIELDS = _tables(
    "The columns, in order; each has exactly one of path, constant and context.",
    ("name", "type", "meaning"),
    {
        "name": _named("Name of the column.", sql_words.COLUMN),
        "type": _one_of(
            transforms.TYPES,
            "How values are read; a row with one that does not fit is kept out, and counted.",
        ),
        "item": _text("With texts: dotted path in each item of the list."),
        "meaning": _text("What the column means, in a sentence."),
        "volatile": _flag("Differs between answers without the thing having changed."),
        "required": _flag("Records without a value are kept out, and counted."),
        "accepted": _texts("The only values it may have."),
        "path": _texts("Dotted path in the record; of several, the first that is not empty."),
        "constant": _text("The same value in each row."),
        "context": _text("A value of the request: target, a named group, or a parameter."),
    },
)
_TABLE = _table(
    "The table that is filled.",
    ("name", "meaning", "key", "fields"),
    {
        "name": _named("Name of the table in the domain's schema.", sql_words.TABLE),
        "meaning": _text("What one row is, in a sentence."),
        "key": _texts("Columns that identify a row within a target."),
        "sort": _texts("Columns of the published order; the key when not given."),
        "mode": _one_of(tuple(WriteMode), "Whether a run replaces the target's rows or merges."),
        "fields": _FIELDS,
    },
)
_TOP = _table(
    "A source of data: what to ask, how the list goes on, and how records become rows.",
    ("name", "domain", "title", "example_target", "target", "policy", "request", "table"),
    {
        "name": _named("Name of the source: that of the file without .toml.", sql_words.TABLE),
        "domain": _named("First word of `app ingest`, and the SQL schema.", sql_words.TABLE),
        "title": _text("Who provides what, in a few words."),
        "example_target": _text("A target that works."),
        "target": _TARGET,
        "places": _PLACES,
        "parameters": _PARAMETERS,
        "policy": _POLICY,
        "request": _REQUEST,
        "paging": _PAGING,
        "window": _WINDOW,
        "errors": _ERRORS,
        "suggestions": _SUGGESTIONS,
        "table": _TABLE,
    },
)


def editor_schema() -> str:
    """The schema as JSON text (draft 2020-12)."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Declared source"}
    return json.dumps({**head, **_TOP}, indent=2) + "\n"
