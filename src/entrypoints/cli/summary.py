"""The end of a run in a few lines."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from domain.bucket_address import BucketAddress
from domain.host_figures import host_figures
from domain.requests import CacheMode, CachePolicy
from domain.runs import FetchStatistics, Run, RunState
from domain.sources import Source
from entrypoints.cli.words import cache_share, listed, size, span

_QUERIES = {
    "nft": (
        "select trait_type, value, count(*) as n from traits "
        "where collection = '{target}' group by all order by n desc limit 10"
    )
}
_ANY_QUERY = "select * from {table} limit 10"
_PUBLISHED = (RunState.SUCCEEDED, RunState.PARTIAL)
_KEPT = {
    CacheMode.RFC9111: "kept as the upstream says",
    CacheMode.IMMUTABLE: "kept for good, being addressed by content",
    CacheMode.REFRESH: "asked anew, and kept whatever the upstream says",
    CacheMode.KEEP: "kept for a set time",
    CacheMode.OFF: "never kept",
}
_REASONS = 5
_HOSTS = 3


def run_as_json(run: Run | None, *, domain: str, target: str, error: str | None) -> dict[str, Any]:
    """What `--json` prints; `run` is None when it failed before it began."""
    value: dict[str, Any] = {
        "run_id": run.run_id if run else None,
        "state": run.state.value if run else RunState.FAILED.value,
        "domain": domain,
        "target": run.target if run else target,
        "version": run.version if run else None,
        "rows": {
            table: {
                "published": counts.published,
                "quarantined": counts.quarantined,
                "deduplicated": counts.deduplicated,
            }
            for table, counts in (run.tables if run else {}).items()
        },
        "requests": run.statistics.requests if run else 0,
        "cache_hits": run.statistics.cache_hits if run else 0,
        "carried": run.statistics.carried if run else 0,
        "revalidated": run.statistics.revalidated if run else 0,
        "retries": run.statistics.retries if run else 0,
        "seconds": round(run.seconds, 3) if run else 0.0,
        "bytes": run.statistics.bytes if run else 0,
        "files": list(run.files) if run else [],
        "unchanged": run.unchanged if run else False,
        "resumable": run.resumable if run else False,
        "attempts": run.attempts if run else 0,
        "items": run.items if run else 0,
        "throttled": run.statistics.throttled if run else 0,
        "waited": round(run.statistics.waited, 3) if run else 0.0,
        "timings": run.timings if run else {},
        "tallies": run.tallies if run else {},
        "pages": run.pages if run else 0,
        "total_items": run.total_items if run else None,
        "rate": round(run.rate, 1) if run else 0.0,
        "failures": run.failures if run else {},
        "hosts": [asdict(each) for each in host_figures(run.statistics)] if run else [],
        "notes": list(run.notes) if run else [],
    }
    if error is not None:
        value["error"] = error
    return value


def summary(run: Run, source: Source, data_dir: Path | BucketAddress) -> Iterator[str]:
    """The summary of a run that published something."""
    version = f"version {run.version}" if run.version is not None else "no version"
    version += " unchanged" if run.unchanged else ""
    attempts = f" over {run.attempts} attempts" if run.attempts > 1 else ""
    yield (
        f"{run.state.value}  {run.domain} {run.target}  {version} "
        f"in {span(run.worked or run.seconds)}{attempts}  (run {run.run_id})"
    )
    yield from _rows(run)
    fetched = run.statistics
    yield (
        f"  requests {fetched.requests:,}  cache hits {fetched.cache_hits:,} "
        f"({cache_share(fetched)})  revalidated {fetched.revalidated:,}  "
        f"retries {fetched.retries:,}  {size(fetched.bytes)}"
    )
    if run.tallies:
        yield "  " + "; ".join(f"{count:,} {what}" for what, count in run.tallies.items())
    yield from _limits(run)
    yield from _failures(run.failures)
    yield f"  cache: {_cached(source.policy.cache, fetched)}"
    yield from (f"  note: {note}" for note in run.notes)
    if run.files:
        yield f"  files in {data_dir}: {', '.join(run.files)}"


def next_step(run: Run, global_options: str = "") -> str | None:
    """What to type next; None when nothing was published."""
    if run.state not in _PUBLISHED or not run.tables:
        return None
    query = _QUERIES.get(run.domain, _ANY_QUERY).format(
        target=run.target, table=next(iter(run.tables))
    )
    return f'app {global_options}query "{query}"'


def _rows(run: Run) -> Iterator[str]:
    width = max((len(table) for table in run.tables), default=0)
    for table, counts in run.tables.items():
        line = f"  {table:<{width}}  {counts.published:>12,} row{'s' * (counts.published != 1)}"
        if counts.quarantined:
            line += f"  {counts.quarantined:,} quarantined"
        if counts.deduplicated:
            line += f"  {counts.deduplicated:,} deduplicated"
        yield line


def _limits(run: Run) -> Iterator[str]:
    """What upstreams were spared, and which were given up."""
    fetched, held_back = run.statistics, run.timings.get("limits", 0.0)
    if held_back >= 1:
        longest = sorted(fetched.waits.items(), key=lambda each: -each[1])[:_HOSTS]
        hosts = f" of {listed([host for host, _ in longest])}" if longest else ""
        yield f"  held back by limits{hosts}: {span(held_back)} of the time"
    if fetched.throttled:
        yield f"  asked for fewer requests {fetched.throttled:,} times"
    if fetched.denied:
        yield f"  not repeated to spare a failing upstream: {fetched.denied:,} requests"
    if fetched.hosts_given_up:
        named = ", ".join(fetched.given_up[:_HOSTS])
        others = fetched.hosts_given_up - len(fetched.given_up[:_HOSTS])
        more = f" and {others:,} more" if others else ""
        yield f"  given up, they failed again and again: {named}{more}"


def _failures(failures: Mapping[str, int]) -> Iterator[str]:
    if not failures:
        return
    ranked = sorted(failures.items(), key=lambda each: -each[1])
    words = [f"{count:,} {reason}" for reason, count in ranked[:_REASONS]]
    if len(ranked) > _REASONS:
        rest = sum(count for _, count in ranked[_REASONS:])
        words.append(f"{rest:,} for {len(ranked) - _REASONS} other reasons")
    yield f"  incomplete items {sum(failures.values()):,}: {'; '.join(words)}"


def _cached(policy: CachePolicy, fetched: FetchStatistics) -> str:
    """By which rules answers were kept, and how many were used past their time."""
    words = []
    kinds: dict[str, list[tuple[str, int]]] = {}
    for name, count in fetched.overrides.items():
        kind, _, mode = name.rpartition(" ")
        kinds.setdefault(mode, []).append((kind, count))
    for mode, counted in kinds.items():
        named, requests = listed([kind for kind, _ in counted]), sum(n for _, n in counted)
        times = f"{requests:,} request{'s' * (requests != 1)}"
        words.append(f"{named} {_KEPT[CacheMode(mode)]} ({times})")
    rule = _KEPT[policy.mode]
    if policy.mode is CacheMode.KEEP:
        rule = f"kept for {span(policy.seconds)} whatever the upstream says"
    words.append(f"all else {rule}" if words else f"answers {rule}")
    if fetched.stale:
        words.append(f"{fetched.stale:,} stale answers used where that is allowed")
    return "; ".join(words)
