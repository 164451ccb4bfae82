"""What `app cache stats` shows."""

from typing import Any

from application.measure_cache import RECENT_RUNS, CacheReport, HitRate
from entrypoints.cli.output import say, show_rows
from entrypoints.cli.words import share, size

_COLUMNS = ("source", "answers", "size", "hit rate", "of answers")


def show_report(report: CacheReport) -> None:
    """The store in words on stderr, its figures by source on stdout."""
    usage = report.usage
    say(f"kept in: {usage.store}")
    if usage.limit:
        say(f"limit: {usage.limit}")
    rows = [
        (name, *_held(*usage.sources.get(name, (0, 0))), *_rate(rate))
        for name, rate in report.hit_rates.items()
    ]
    total = ("all", *_held(usage.entries, usage.bytes), *_rate(report.overall))
    show_rows(_COLUMNS, [*rows, total])
    if report.overall.runs:
        say(f"hit rate: over the last {RECENT_RUNS} runs of each source.")


def report_json(report: CacheReport) -> dict[str, Any]:
    """The same as JSON values; a hit rate is null where nothing was asked."""
    usage = report.usage
    sources = {
        name: {**_sizes(*usage.sources.get(name, (0, 0))), **_rate_json(rate)}
        for name, rate in report.hit_rates.items()
    }
    return {
        "store": usage.store,
        "limit": usage.limit,
        **_sizes(usage.entries, usage.bytes),
        **_rate_json(report.overall),
        "sources": sources,
    }


def _held(entries: int, stored: int) -> tuple[int, str]:
    return entries, size(stored)


def _rate(rate: HitRate) -> tuple[str, int | None]:
    return (share(rate.hits, rate.answers), rate.answers) if rate.answers else ("", None)


def _sizes(entries: int, stored: int) -> dict[str, int]:
    return {"entries": entries, "bytes": stored}


def _rate_json(rate: HitRate) -> dict[str, Any]:
    return {
        "hit_rate": None if rate.rate is None else round(rate.rate, 4),
        "hits": rate.hits,
        "revalidated": rate.revalidated,
        "answers": rate.answers,
        "runs": rate.runs,
    }
