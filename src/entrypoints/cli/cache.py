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
    """Show how many answers the cache holds, and for which source."""
    from application.ports.response_cache import CacheUsage
    from entrypoints.cli.output import say, show_json, show_rows
    from entrypoints.cli.session import run
    from entrypoints.cli.words import size
    from entrypoints.container import Container

    async def work(container: Container) -> CacheUsage:
        return await container.response_cache().usage()

    usage = run(context, work)
    if as_json:
        sources = {
            name: {"entries": entries, "bytes": stored}
            for name, (entries, stored) in usage.sources.items()
        }
        show_json(
            {
                "store": usage.store,
                "entries": usage.entries,
                "bytes": usage.bytes,
                "sources": sources,
            }
        )
        return 0
    say(f"kept in: {usage.store}")
    rows = [(name, entries, size(stored)) for name, (entries, stored) in usage.sources.items()]
    show_rows(("source", "answers", "size"), [*rows, ("all", usage.entries, size(usage.bytes))])
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
    if not yes:
        if not sys.stdin.isatty():
            message = "Nobody can be asked here: add --yes to drop answers."
            raise UsageError(message)
        what = "the chosen answers" if which != PurgeFilter() else "ALL answers"
        if not typer.confirm(f"Drop {what} from the cache?", err=True):
            say("Nothing was dropped.")
            return 0

    async def work(container: Container) -> int:
        known = {each.name for each in container.registry().all()}
        if source is not None and source not in known:
            hint = "`app sources list` lists them."
            raise NotFoundError(what="source", name=source, known=known, hint=hint)
        return await container.response_cache().purge(which)

    dropped = run(context, work)
    if as_json:
        show_json({"dropped": dropped})
    else:
        say(f"{dropped:,} answers dropped.")
    return 0
