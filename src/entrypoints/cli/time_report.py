"""Where the time of a run went."""

from collections.abc import Iterator

from domain.host_figures import host_figures
from domain.runs import Run
from domain.time_spent import PARTS, STAGES, apportioned
from entrypoints.cli.words import share, span

_MEANINGS = {
    "fetching": "asking, reading and staging, of which:",
    "network": "requests under way",
    "limits": "requests held back by limits of their hosts",
    "cache": "visits to the cache",
    "parsing": "reading answers, checking records",
    "writing": "rows and checkpoints, where nothing else went on",
    "between": "pauses before retries, and the program's own work",
    "merging": "sorting, writing and verifying",
    "committing": "the manifest",
    "publishing": "published files and catalog.duckdb",
    "other": "opening and closing files, the log",
}
_TENTHS_BELOW = 60  # seconds; longer spans are told in whole ones


def time_rows(run: Run) -> Iterator[tuple[str, str, str, str]]:
    """What, how long, which share of the whole, and what it means.

    The parts of the fetching add up to it, and the stages to the whole, as they are shown.
    """
    spent = run.timings
    has_parts = any(name in spent for name in PARTS)
    leaves = [
        name
        for stage in STAGES
        for name in (PARTS if stage == "fetching" and has_parts else (stage,))
        if name in spent
    ]
    steps = 10 if run.worked < _TENTHS_BELOW else 1
    seconds = [spent[name] for name in leaves]
    tenths = dict(zip(leaves, apportioned(seconds, round(run.worked * steps)), strict=True))
    shares = dict(zip(leaves, apportioned(seconds, 100), strict=True))

    def row(name: str, names: list[str], shown: str) -> tuple[str, str, str, str]:
        took = span(sum(tenths[each] for each in names) / steps)
        return shown, took, f"{sum(shares[each] for each in names)} %", _words(run, name)

    for stage in STAGES:
        if stage == "fetching" and has_parts:
            parts = [name for name in leaves if name in PARTS]
            yield row(stage, parts, stage)
            yield from (row(name, [name], f"- {name}") for name in parts)
        elif stage in spent:
            yield row(stage, [stage], stage)
    attempts = f"over {run.attempts} attempts, without the breaks between them"
    yield (*row("", leaves, "whole")[:3], attempts if run.attempts > 1 else "")


def _words(run: Run, name: str) -> str:
    words = _MEANINGS.get(name, "")
    took = run.timings.get("fetching", 0.0)
    if name == "network" and took > 0:
        words += f", {run.statistics.network / took:.1f} at once on average"
    return words


def host_rows(run: Run) -> Iterator[tuple[str, int, int, str, str]]:
    """Host, requests, answers from the cache, their share, seconds waited for its limits."""
    for each in host_figures(run.statistics):
        asked, cached = each.requests, each.cache_hits
        yield each.host, asked, cached, share(cached, asked + cached), span(each.waited)
