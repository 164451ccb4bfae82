"""Proposes a declaration from an answer: request, paging, records, columns, key."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.sources.drafting.asking import Asking, read_address
from adapters.sources.drafting.columns import Column, ColumnFinder
from adapters.sources.drafting.keys import check_key, propose_key
from adapters.sources.drafting.names import snake_case
from adapters.sources.drafting.paging import find_total, propose_paging
from adapters.sources.drafting.records import find_records
from adapters.sources.drafting.toml_text import Value, members, section
from adapters.sources.json_documents import decode
from domain.drafts import Draft, Wishes
from domain.errors import ParseError
from domain.headers import Headers

SCHEMA_FILE = "source.schema.json"
"""Lies beside the declarations, for editors."""

_HEAD = "# Proposed from one answer: read it through. The limits are a guess.\n"
_TARGET = "target"
_TAIL_DAYS = 2
_ADVICE = {
    "markup, not JSON": "it is a web page: look for the address that the page itself asks",
    "empty": "it is empty: use an answer that has records",
    "one JSON value a line (NDJSON)": "it holds a JSON value a line, which is not supported",
}


def draft_declaration(wishes: Wishes, body: bytes, headers: Headers) -> Draft:
    """A declaration that reads this answer.

    Args:
        wishes: what a person has said.
        body: the answer, decoded from its transfer.
        headers: its fields, for a `Link`.

    Raises:
        ParseError: the answer is not JSON, or holds no list of records; says what to do.
        UsageError: a wish does not fit the address or the answer.
    """
    asking = read_address(wishes.url, wishes.target)
    value = _decoded(body, headers)
    path, records = find_records(value, wishes.records)
    finder = ColumnFinder()
    found = {each.name: each for each in finder.find(records)}
    if not found:
        message = "The records have no member that could be a column."
        raise ParseError(message)
    own = check_key(wishes.key, found, records) if wishes.key else propose_key(found, records)
    paging, notes = propose_paging(value, path, asking.query, headers, len(records))
    total = find_total(value, path, len(records)) if paging else ""
    places = {name: at for name, at in (("records", path), ("total", total)) if at}
    target_column = _target_column(asking, found)
    key = (target_column, *own) if target_column else own
    asked = {
        name: each
        for name, each in asking.query.items()
        if name not in (paging.get("parameter"), paging.get("size_parameter"))
    }
    text = "".join(
        (
            f"#:schema ./{SCHEMA_FILE}\n{_HEAD}",
            "\n".join(members(_top(wishes, asking))) + "\n",
            section("[target]", asking.target_rules),
            section(
                "[policy]", {"base_url": asking.base_url, "limits": ("60/m",), "concurrency": 2}
            ),
            section("[request]", {"path": asking.path, **places}),
            section("[request.query]", asked),
            section("[paging]", paging),
            section("[window]", _window(asking)),
            section("[table]", _table(wishes, asking, path, key)),
            _target_field(target_column),
            *(section("[[table.fields]]", _field(each)) for each in found.values()),
        )
    )
    return Draft(text, asking.target, asking.window, (*asking.notes, *notes, *finder.notes))


def _decoded(body: bytes, headers: Headers) -> Any:
    try:
        return decode(body, headers.get("content-type"))
    except ParseError as error:
        why = _ADVICE.get(str(error), f"it is {error}")
        message = f"The answer cannot be read as JSON: {why}."
        raise ParseError(message) from error


def _top(wishes: Wishes, asking: Asking) -> Mapping[str, Value]:
    return {
        "name": wishes.name,
        "domain": wishes.domain,
        "title": f"{wishes.name}: {asking.base_url.partition('//')[2]}",
        "example_target": asking.target,
    }


def _window(asking: Asking) -> Mapping[str, Value]:
    if not asking.window_format:
        return {}
    return {"format": asking.window_format, "tail_days": _TAIL_DAYS}


def _table(wishes: Wishes, asking: Asking, path: str, key: Sequence[str]) -> Mapping[str, Value]:
    words = [*path.split("."), *reversed(asking.path.split("/"))]
    plain = (each for each in words if each and not each.isdigit() and "{" not in each)
    named = (name for each in plain if (name := snake_case(each)) and not name[0].isdigit())
    usual = ("data", "results", "items", "records", "rows", "features", "json", "entries")
    name = wishes.table or next((each for each in named if each not in usual), wishes.name)
    mode = "merge" if asking.window_format else "replace"
    return {
        "name": name,
        "meaning": f"One row a record of {name}.",
        "key": tuple(key),
        "mode": mode,
    }


def _target_column(asking: Asking, columns: Mapping[str, Column]) -> str:
    """Rows of several targets lie in one table: a column says whose they are."""
    if "{target}" not in (asking.path + "".join(asking.query.values())):
        return ""
    return _TARGET if _TARGET not in columns else f"asked_{_TARGET}"


def _target_field(name: str) -> str:
    if not name:
        return ""
    meaning = "what was asked for"
    values = {"name": name, "type": "text", "context": _TARGET, "meaning": meaning}
    return section("[[table.fields]]", values)


def _field(column: Column) -> Mapping[str, Value]:
    item = {"item": column.item} if column.item else {}
    meaning = f"{column.path} of the answer"
    return {
        "name": column.name, "type": column.type, "path": column.path, **item, "meaning": meaning,
    }  # fmt: skip
