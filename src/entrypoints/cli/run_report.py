"""Runs as tables."""

from collections.abc import Sequence

from domain.runs import Run
from entrypoints.cli.output import Cell, show, show_rows
from entrypoints.cli.time_report import host_rows, time_rows
from entrypoints.cli.words import cache_share, moment, size, span


def show_runs(runs: Sequence[Run]) -> None:
    """One line a run."""
    show_rows(
        ("run", "target", "state", "started", "took", "rows", "requests", "cache", "error"),
        [
            (
                run.run_id,
                f"{run.domain} {run.target}",
                _state(run),
                moment(run.started_at),
                _took(run),
                run.total("published"),
                run.statistics.requests,
                cache_share(run.statistics),
                run.error,
            )
            for run in runs
        ],
    )


def _state(run: Run) -> str:
    kept = f", resumable: {run.items:,} items kept" if run.resumable else ""
    return run.state.value + kept


def _took(run: Run) -> str:
    """Without the breaks between attempts; nothing where a kill left no word of it."""
    known = run.worked or (run.seconds if run.attempts == 1 and run.version is not None else 0.0)
    return span(known) if known else ""


def _version(run: Run) -> str:
    if run.version is None:
        return ""
    return f"{run.version} (unchanged)" if run.unchanged else str(run.version)


def show_run(run: Run) -> None:
    """Everything about one run."""
    fetched = run.statistics
    facts: list[tuple[str, Cell]] = [
        ("run", run.run_id),
        ("target", f"{run.domain} {run.target}"),
        ("source", run.source),
        ("state", _state(run)),
        ("started", moment(run.started_at)),
        ("finished", moment(run.finished_at)),
        ("took", _took(run)),
        ("attempts", f"{run.attempts:,}"),
        ("items", f"{run.items:,}" + (f" of {run.total_items:,}" if run.total_items else "")),
        ("pages", f"{run.pages:,}"),
        ("items a second", f"{run.rate:,.0f}"),
        ("version", _version(run)),
        ("requests", f"{fetched.requests:,}"),
        ("cache hits", f"{fetched.cache_hits:,} ({cache_share(fetched)})"),
        ("carried over with their page", f"{fetched.carried:,}"),
        ("revalidated", f"{fetched.revalidated:,}"),
        ("stale", f"{fetched.stale:,}"),
        ("retries", f"{fetched.retries:,}"),
        ("received", size(fetched.bytes)),
        ("held back by limits", span(run.timings.get("limits", 0.0))),
        ("throttled", f"{fetched.throttled:,}"),
        *(("given up", host) for host in fetched.given_up),
        *(("own cache policy", f"{name}: {count:,}") for name, count in fetched.overrides.items()),
        *(("file", file) for file in run.files),
        *(("note", note) for note in run.notes),
        *((("error", run.error),) if run.error else ()),
    ]
    show_rows(("what", "value"), facts)
    if run.tables:
        show("")
        show_rows(
            ("table", "fetched", "published", "quarantined", "deduplicated"),
            [
                (name, each.fetched, each.published, each.quarantined, each.deduplicated)
                for name, each in run.tables.items()
            ],
        )
    if run.worked:
        show("")
        show_rows(("time", "spent", "share", "on"), list(time_rows(run)))
    if hosts := list(host_rows(run)):
        show("")
        show_rows(("host", "requests", "from cache", "share", "waited, summed"), hosts)
    if run.failures:
        show("")
        show_rows(("incomplete because", "items"), list(run.failures.items()))
