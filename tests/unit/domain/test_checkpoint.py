"""Which checkpoint continues which run."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.checkpoint import Plan, plan_of
from domain.schema import Field, Kind, Schema
from domain.sources import Source, Window
from tests.fakes.sample_source import ITEMS, SAMPLE

AT = datetime(2026, 1, 2, tzinfo=UTC)
WIDER = replace(ITEMS, schema=Schema((*ITEMS.schema.fields, Field("more", Kind.DATE))))
TOLD = replace(ITEMS, meaning="Other words.")


def plan(source: Source = SAMPLE, **changes: Any) -> Plan:
    """A plan with some things changed."""
    said: dict[str, Any] = {
        "target": "things",
        "window": Window(),
        "options": {"flavour": "plain"},
        "program": "1.0",
        "answers": "both",
    } | changes
    return plan_of(source, said.pop("target"), said.pop("window"), said.pop("options"), **said)


@pytest.mark.parametrize(
    ("changed", "differs"),
    [
        (plan(), set()),
        (plan(replace(SAMPLE, tables=(TOLD, *SAMPLE.tables[1:]))), set()),
        (plan(target="others"), {"series", "asked"}),
        (plan(replace(SAMPLE, name="other")), {"series", "asked"}),
        (plan(options={"flavour": "sweet"}), {"series", "asked"}),
        (plan(window=Window(since=AT)), {"asked"}),
        (plan(window=Window(until=AT)), {"asked"}),
        (plan(answers="cache"), {"asked"}),
        (plan(program="1.1"), {"made_by"}),
        (plan(replace(SAMPLE, tables=(WIDER, *SAMPLE.tables[1:]))), {"made_by"}),
        (plan(replace(SAMPLE, tables=SAMPLE.tables[:1])), {"made_by"}),
    ],
)
def test_a_plan_tells_what_was_asked_from_who_made_it(changed: Plan, differs: set[str]) -> None:
    """Another question is another run; another program cannot go on."""
    first = plan()
    names = ("series", "asked", "made_by")

    assert {name for name in names if getattr(changed, name) != getattr(first, name)} == differs
