"""`app ingest`: bring targets up to date."""

from typing import Annotated

import typer


def ingest(
    context: typer.Context,
    *,
    domain: Annotated[
        str, typer.Argument(metavar="DOMAIN", help="What kind of data, for example nft.")
    ],
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="TARGET",
            help="What to ingest, one after another: dxterminal, or @LIST for [lists] of app.toml.",
        ),
    ],
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Another source of the domain; see `app sources list`."),
    ] = None,
    tables: Annotated[
        str | None,
        typer.Option(
            "--with",
            metavar="TABLE,…",
            help="Afterwards also tables that other sources of the domain fill: events,stats.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="From this ISO date or time on, UTC if not said."),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="Up to this ISO date or time.")
    ] = None,
    backfill: Annotated[
        bool,
        typer.Option(
            "--backfill",
            help="Fill the gaps of a time series from --since on, a --chunk a run, oldest first.",
        ),
    ] = False,
    chunk: Annotated[
        str, typer.Option(metavar="SPAN", help="Length of one run of a backfill: 30d, 52w.")
    ] = "365d",
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            "--parameter",
            metavar="NAME=VALUE",
            help="A parameter of the source; `app sources show NAME` lists them. Repeatable.",
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="At most so many items.")
    ] = None,
    full_refresh: Annotated[
        bool,
        typer.Option("--full-refresh", help="Ask the upstream even where the cache has an answer."),
    ] = False,
    no_resume: Annotated[
        bool, typer.Option("--no-resume", help="Drop what a stopped run has done; begin anew.")
    ] = False,
    offline: Annotated[
        bool,
        typer.Option("--offline", help="Ask nobody: build the version from the cache alone."),
    ] = False,
    concurrency: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, max=1024, help="Requests in flight (APP_HTTP__CONCURRENCY)."
        ),
    ] = None,
    max_errors: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=0, help="Give up, and publish nothing, after more failed items."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask only the first requests; store nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with one JSON object a target on stdout.")
    ] = False,
) -> int:
    """Fetch a target, and publish a complete new version of its tables.

    A run that fails or is stopped leaves what was published untouched, and the same command goes
    on where it stood. Exit codes: 6 published,
    but too many items are incomplete; 7 the upstream is down or limits us; 8 another run of the
    target is under way; 130 stopped.
    """
    from application.ingest_request import IngestRequest
    from domain.errors import UsageError
    from domain.sources import Window
    from entrypoints.cli.arguments import read_duration, read_moment, read_pairs
    from entrypoints.cli.beginning import begin
    from entrypoints.cli.companions import with_companions
    from entrypoints.cli.ingest_runner import IngestRunner
    from entrypoints.cli.invocation import invocation
    from entrypoints.cli.session import run_with
    from entrypoints.cli.watch_lists import listed_targets

    window = Window(read_moment(since, "--since"), read_moment(until, "--until"))
    if window.since and window.until and window.since >= window.until:
        message = "--since must be before --until."
        raise UsageError(message)
    loaded = begin(context)
    requests = [
        IngestRequest(
            domain=domain,
            target=target,
            source=source,
            window=window,
            options=read_pairs(parameters or ()),
            limit=limit,
            concurrency=concurrency,
            max_errors=max_errors,
            refresh=full_refresh,
            offline=offline,
            resume=not no_resume,
        )
        for target in listed_targets(targets, loaded.settings.lists)
    ]
    own = invocation(context)
    runner = IngestRunner(own, loaded, as_json=as_json)
    length = read_duration(chunk, "--chunk")
    if backfill:
        if tables is not None:
            message = (
                "--backfill fills the tables of one source: leave --with out, and name another "
                "source with --source."
            )
            raise UsageError(message)
        return run_with(
            own, loaded.settings, lambda each: runner.backfill(each, requests, length, dry_run)
        )
    work = runner.plan if dry_run else runner.ingest
    return run_with(
        own,
        loaded.settings,
        lambda each: work(each, with_companions(requests, tables, each.registry())),
    )
