"""A source as text and as JSON."""

from dataclasses import dataclass
from shlex import quote
from typing import Any

from domain.rate_limits import RateLimit
from domain.sources import Source
from entrypoints.cli.output import Cell, show, show_rows
from entrypoints.container import Container
from entrypoints.settings import Settings


def ingest_command(source: Source, *, default: bool) -> str:
    """A command that works when it is pasted; `default`: it is its domain's default source."""
    chosen = "" if default else f" --source {source.name}"
    return f"app ingest {source.domain} {quote(source.example_target)}{chosen}"


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A source, and what only its registry knows.

    Attributes:
        origin: "built-in", the file that declares it, or the package of a plug-in.
        example: a command that works when it is pasted.
    """

    source: Source
    origin: str
    example: str


def known_sources(container: Container) -> list[KnownSource]:
    """All sources, by domain and name."""
    registry = container.registry()
    return [
        KnownSource(
            each,
            registry.origin(each.name),
            ingest_command(each, default=registry.get(each.domain) is each),
        )
        for each in registry.all()
    ]


def source_as_json(known: KnownSource) -> dict[str, Any]:
    """Everything that a person can choose or has to know."""
    source = known.source
    key = source.policy.api_key
    return {
        "name": source.name,
        "domain": source.domain,
        "title": source.title,
        "origin": known.origin,
        "example_target": source.example_target,
        "base_url": source.policy.base_url,
        "tables": [
            {"name": f"{source.domain}.{each.name}", "meaning": each.meaning}
            for each in source.tables
        ],
        "parameters": [
            {"name": each.name, "meaning": each.meaning, "default": each.default}
            for each in source.parameters
        ],
        "limits": [{"count": each.count, "seconds": each.seconds} for each in source.policy.limits],
        "concurrency": source.policy.concurrency,
        "cache": source.policy.cache.mode.value,
        "spans": {"takes": sorted(source.takes), "remembers": source.remembers},
        "key": None
        if key is None
        else {
            "variable": key.variable,
            "required": key.required,
            "instant": key.instant is not None,
            "where": key.where,
        },
    }


def show_source_report(known: KnownSource, settings: Settings) -> None:
    """The same for people, with what the settings make of it."""
    source = known.source
    replaced = settings.sources.get(source.upstream)
    facts: list[tuple[str, Cell]] = [
        ("source", source.name),
        ("what", source.title),
        ("example", known.example),
        ("origin", known.origin),
        ("address", replaced.base_url if replaced else source.policy.base_url),
        ("key", _key(source, settings)),
        ("limits", ", ".join(_limit(each) for each in source.policy.limits) or "none known"),
        ("in flight", f"at most {source.policy.concurrency}"),
        ("cache", source.policy.cache.mode.value),
        ("spans", _spans(source)),
    ]
    show_rows(("what", "value"), facts)
    show("")
    show_rows(
        ("table", "one row is"),
        [(f"{source.domain}.{each.name}", each.meaning) for each in source.tables],
    )
    if source.parameters:
        show("")
        show_rows(
            ("parameter (-p)", "default", "meaning"),
            [(each.name, each.default, each.meaning) for each in source.parameters],
        )


def _key(source: Source, settings: Settings) -> str:
    key = source.policy.api_key
    if key is None:
        return "none needed"
    if key.variable in settings.keys:
        return f"{key.variable} is set"
    if key.instant is not None and settings.opensea.auto_key:
        return f"{key.variable} is not set: an instant key is asked for; your own: {key.where}"
    need = "needed" if key.required else "not needed, raises the limits"
    return f"{key.variable} is not set ({need}): {key.where}"


def _spans(source: Source) -> str:
    if not source.takes:
        return "none: each run reads the whole"
    options = " and ".join(f"--{each}" for each in sorted(source.takes))
    return f"{options}; later runs ask for {'what is new' if source.remembers else 'all again'}"


def _limit(limit: RateLimit) -> str:
    periods = {1.0: "a second", 60: "a minute", 3600: "an hour", 86_400: "a day"}
    period = periods.get(limit.seconds, f"in {limit.seconds:g} seconds")
    return f"{limit.count:,} {period}"
