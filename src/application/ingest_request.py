"""What a person asks `app ingest` for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.sources import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestRequest:
    """What to ingest, and how.

    Attributes:
        limit: most items; None for all.
        max_errors: failed items after which the run gives up; None for no such limit.
        refresh: ask upstream even where the cache has a fresh answer, and for all of a series.
        offline: ask nobody; the cache alone answers.
        resume: go on where a stopped run of the same stood; else it is dropped.
    """

    domain: str
    target: str
    source: str | None = None
    window: Window = field(default_factory=Window)
    options: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None
    concurrency: int | None = None
    max_errors: int | None = None
    refresh: bool = False
    offline: bool = False
    resume: bool = True
