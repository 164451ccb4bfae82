"""Where the time of a run went."""

from collections.abc import Iterator

from domain.runs import Run
from entrypoints.cli.words import share, span

_STAGES = ("fetching", "merging", "committing", "publishing")
_MEANINGS = {
    "fetching": "asking, reading and staging",
    "merging": "sorting, writing and verifying",
    "committing": "the manifest",
    "publishing": "published files and catalog.duckdb",
}


def time_rows(run: Run) -> Iterator[tuple[str, str, str]]:
    """What, how long, and what it means; stages first, then what went on within the fetching.

    Requests overlap, so that their seconds add up to more than the stage took.
    """
    spent, fetched = run.timings, run.statistics
    known = sum(spent.get(stage, 0.0) for stage in _STAGES)
    whole = max(known, run.seconds if run.attempts == 1 else 0.0)
    for stage in _STAGES:
        if stage in spent:
            part = share(round(1000 * spent[stage]), round(1000 * whole))
            yield stage, f"{span(spent[stage])} ({part})", _MEANINGS[stage]
    if whole > known:
        yield "other", span(whole - known), "recovery, keys, the log"
    if took := spent.get("fetching"):
        at_once = fetched.network / took
        yield (
            "- network",
            span(fetched.network),
            f"requests under way, {at_once:.1f} at once on average",
        )
        yield "- limits", span(fetched.waited), "requests that waited for their turn"
        yield "- cache", span(fetched.looking_up), "visits to the cache"
        yield "- parsing", span(spent.get("parsing", 0.0)), "reading answers, checking records"
        yield "- checkpoints", span(spent.get("checkpoints", 0.0)), "beside all else"


def host_rows(run: Run) -> Iterator[tuple[str, int, int, str, str]]:
    """Host, requests, answers from the cache, their share, seconds waited for its limits."""
    fetched = run.statistics
    for host in dict.fromkeys((*fetched.asked_hosts, *fetched.cached_hosts)):
        asked, cached = fetched.asked_hosts.get(host, 0), fetched.cached_hosts.get(host, 0)
        waited = fetched.waits.get(host, 0.0)
        yield host, asked, cached, share(cached, asked + cached), span(waited)
