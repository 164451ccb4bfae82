"""A checkpoint: all that a stopped run needs to go on."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from domain.requests import Request
from domain.runs import Run
from domain.sources import Options, Source, Window
from domain.staged_rows import StagedTable

FORMAT = 1
"""Version of what a checkpoint holds; any other is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkState:
    """Where a walk stands.

    Attributes:
        pending: what is still to be asked, what was under way included, in order.
        items, total, pages, failures, notes, tallies, deferred, gathered: as `WalkTarget` has them.
    """

    pending: tuple[Request, ...] = ()
    items: int = 0
    total: int | None = None
    pages: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    tallies: Mapping[str, int] = field(default_factory=dict)
    deferred: tuple[Any, ...] = ()
    gathered: int = 0
    complete_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run was asked to do, as digests: a checkpoint continues its own plan only.

    Attributes:
        series: source, target and options.
        asked: the same, with the window and where answers may come from.
        made_by: program version, format of checkpoints, schemas of the tables.
    """

    series: str
    asked: str
    made_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A consistent cut through a run: the rows staged are those of all that is not pending.

    Attributes:
        run: as it stood, with the statistics of all its attempts up to now.
        tables: staged rows by table name.
    """

    run: Run
    plan: Plan
    at: datetime
    walk: WalkState
    tables: Mapping[str, StagedTable]


def plan_of(
    source: Source,
    target: str,
    window: Window,
    options: Options,
    *,
    program: str,
    answers: str,
) -> Plan:
    """The plan of a run by a version of the program, since another may read answers differently.

    `answers` says where they may come from.
    """
    series = {"source": [source.domain, source.name, target], "options": dict(options)}
    asked = {
        **series,
        "window": {name: str(moment) for name, moment in asdict(window).items()},
        "answers": answers,
    }
    made_by = {
        "format": FORMAT,
        "program": program,
        "tables": {each.name: [each.schema.fingerprint, each.key] for each in source.tables},
    }
    return Plan(_digest(series), _digest(asked), _digest(made_by))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
