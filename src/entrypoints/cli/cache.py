"""`app cache`: what is kept of upstream's answers."""

from typing import Annotated

import typer

app = typer.Typer(
    help="The HTTP cache: what upstreams allowed to be kept.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("stats")
def stats(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object in place of the table.")
    ] = False,
) -> int:
    """Show what the cache holds for which source, and how often it has been of use lately."""
    from application.measure_cache import CacheReport
    from entrypoints.cli.cache_report import report_json, show_report
    from entrypoints.cli.output import show_json
    from entrypoints.cli.session import run
    from entrypoints.container import Container

    async def work(container: Container) -> CacheReport:
        report: CacheReport = await container.measure_cache().execute()
        return report

    report = run(context, work)
    if as_json:
        show_json(report_json(report))
    else:
        show_report(report)
    return 0


@app.command("purge")
def purge(
    context: typer.Context,
    *,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only answers for this source.")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(metavar="SPAN", help="Only answers stored longer ago, for example 7d or 12h."),
    ] = None,
    url_prefix: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Only answers from addresses that begin like this."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count what would be dropped.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Drop answers; all conditions hold together, none at all means everything."""
    import sys

    from application.ports.response_cache import PurgeFilter
    from domain.errors import NotFoundError, UsageError
    from entrypoints.cli.arguments import read_duration
    from entrypoints.cli.output import say, show_json
    from entrypoints.cli.session import run
    from entrypoints.container import Container

    age = None if older_than is None else read_duration(older_than, "--older-than")
    which = PurgeFilter(source, url_prefix, age)
    if not (yes or dry_run):
        if not sys.stdin.isatty():
            message = "Nobody can be asked here: add --yes to drop answers, --dry-run to count."
            raise UsageError(message)
        what = "the chosen answers" if which != PurgeFilter() else "ALL answers"
        if not typer.confirm(f"Drop {what} from the cache?", err=True):
            say("Nothing was dropped.")
            return 0

    async def work(container: Container) -> int:
        cache = container.response_cache()
        known = {each.name for each in container.registry().all()}
        if source is not None and source not in known:
            known |= set((await cache.usage()).sources)  # a source of yesterday may have answers
            if source not in known:
                hint = "`app sources list` lists them."
                raise NotFoundError(what="source", name=source, known=known, hint=hint)
        return await (cache.count(which) if dry_run else cache.purge(which))

    answers = run(context, work)
    if as_json:
        show_json({"would_drop" if dry_run else "dropped": answers})
    else:
        say(f"{answers:,} answers {'would be ' if dry_run else ''}dropped.")
    return 0
