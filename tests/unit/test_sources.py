"""What every registered source must fulfil; a new source is covered as soon as it exists."""

import json
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.registry.package_source_registry import PackageSourceRegistry
from adapters.sources.declared.declaration import read_declaration
from domain.errors import PermanentError, PipelineError
from domain.options import check_options
from domain.requests import Request, Trust
from domain.schema import schema_from_json, schema_to_json
from domain.sources import Page, Source, Window
from domain.tables import Record
from tests.contracts.record_shape import assert_fits, assert_keyed
from tests.fakes.recorded_answers import RECORDINGS, answer_of
from tests.fakes.sample_source import SAMPLE
from tests.support.mutated_documents import mutated_bodies

ALL = PackageSourceRegistry(read=read_declaration).all()
NAMELESS = replace(SAMPLE, name="nameless")
_MOST_REQUESTS = 1000
each_source = pytest.mark.parametrize("source", ALL, ids=lambda source: source.name)


def _walk_plan(source: Source) -> dict[str, Any]:
    path = RECORDINGS / source.name / "walk.json"
    if not path.is_file():
        pytest.fail(
            f"The source {source.name} has no recording: fill tests/recordings/{source.name}/ with "
            'answers of its upstream and a walk.json: {"target": …, "options": {…}, '
            '"answers": {"/path?query": "file.json", …}}.'
        )
    plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return plan


@dataclass(frozen=True)
class Step:
    """A request of the walk; without a recorded answer it failed with 404."""

    request: Request
    body: bytes | None
    page: Page


@cache
def _steps(name: str) -> Sequence[Step]:
    """Walk a target on recordings alone."""
    source = next(each for each in (*ALL, NAMELESS) if each.name == name)
    plan = _walk_plan(source)
    options = check_options(source, plan.get("options", {}), None)
    span = {name: datetime.fromisoformat(at) for name, at in plan.get("window", {}).items()}
    pending = deque(source.start(plan["target"], Window(**span), options))
    steps = []
    while pending:
        steps.append(_step(source, pending.popleft(), plan["answers"]))
        assert len(steps) < _MOST_REQUESTS, "the walk does not end"
        pending.extend(steps[-1].page.requests)
    return steps


def _step(source: Source, request: Request, answers: dict[str, str]) -> Step:
    query = urlencode(request.params, safe="=")
    name = answers.get(f"{request.url}?{query}" if query else request.url)
    if name is None:
        error = PermanentError("not recorded", url=request.url, status=404)
        return Step(request, None, source.failed(request, error))
    body = (RECORDINGS / source.name / name).read_bytes()
    return Step(request, body, source.parse(request, answer_of(body)))


def _walk(source: Source) -> tuple[dict[str, list[Record]], list[Page]]:
    """The records and the pages of the walk."""
    records: defaultdict[str, list[Record]] = defaultdict(list)
    pages = [step.page for step in _steps(source.name)]
    for page in pages:
        for table, rows in page.records.items():
            records[table].extend(rows)
    return records, pages


def _requests(pages: Sequence[Page]) -> list[Request]:
    return [request for page in pages for request in page.requests]


@each_source
def test_a_walk_on_recordings_fits_the_tables(source: Source) -> None:
    """Records have the width and the types of their tables, and a key of their own."""
    records, _ = _walk(source)
    assert_fits(source, records)
    assert_keyed(source, records)
    assert set(records) == {table.name for table in source.tables}


@each_source
def test_requests_survive_a_checkpoint(source: Source) -> None:
    """The context of a request is JSON values, so that it can be written and read again."""
    _, pages = _walk(source)
    for request in _requests(pages):
        assert json.loads(json.dumps(request.context)) == request.context


@each_source
def test_requests_stay_where_they_belong(source: Source) -> None:
    """Paths go to the source's own origin, addresses found in data to the untrusted client."""
    _, pages = _walk(source)
    for request in _requests(pages):
        own = request.trust is Trust.SOURCE
        assert request.url.startswith("/" if own else ("http://", "https://"))


@each_source
def test_every_item_is_counted_once(source: Source) -> None:
    """The items of all pages are the rows of the first table."""
    records, pages = _walk(source)
    assert sum(page.items for page in pages) == len(records[source.tables[0].name])


@each_source
def test_every_column_says_what_it_means(source: Source) -> None:
    """Tables, columns and parameters carry a sentence; keys and orders name real columns."""
    for table in source.tables:
        assert table.meaning
        assert all(field.meaning for field in table.schema.fields), table.name
        assert table.schema.positions(table.key)
        assert table.schema.positions(table.order)
        assert schema_from_json(schema_to_json(table.schema)) == table.schema
    assert all(parameter.meaning for parameter in source.parameters)


_KEYS_ALONE = {("opensea", "traits"), ("opensea", "collections")}
"""Tables in which nothing but the key is always there."""


@each_source
def test_every_table_says_what_its_rows_must_have(source: Source) -> None:
    """Beside the key; a row without it is of no use, and tells that the upstream has changed."""
    for table in source.tables:
        own = [each for each in source.expectations if each.table == table.name]
        named = {name for each in own for name in each.not_null}
        named |= {name for each in own for name, _ in each.accepted}
        assert table.schema.positions(sorted(named)) is not None
        assert bool(named - set(table.key)) != ((source.name, table.name) in _KEYS_ALONE)


@each_source
def test_the_example_target_is_a_target(source: Source) -> None:
    """What help texts show can be typed."""
    assert source.check_target(source.example_target) == source.example_target


@each_source
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_nothing_but_domain_errors_comes_of_mutated_recordings(source: Source, data: Any) -> None:
    """Any answer of the walk, changed in any part: rows that come of it fit, follow-ups are few."""
    step = data.draw(st.sampled_from([each for each in _steps(source.name) if each.body]))
    document = json.loads(step.body or b"null")
    try:
        page = source.parse(step.request, answer_of(data.draw(mutated_bodies(document))))
    except PipelineError:
        return
    assert_fits(source, page.records)
    assert len(page.requests) <= _MOST_REQUESTS
    for each in page.requests:
        assert json.loads(json.dumps(each.context)) == each.context


def test_a_source_without_a_recording_names_the_folder_to_fill() -> None:
    """Whoever adds a source learns from the failure what is missing."""
    with pytest.raises(pytest.fail.Exception, match="fill tests/recordings/nameless/"):
        _walk(NAMELESS)
