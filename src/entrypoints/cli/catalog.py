"""`app catalog`: the versions, their files, and what is derived from them."""

from typing import Annotated

import typer

app = typer.Typer(
    help="The catalog's upkeep: old versions, damaged files, derived files.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("prune")
def prune(
    context: typer.Context,
    *,
    keep: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="So many of the newest versions stay.")
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(
            metavar="SPAN",
            help="What was the newest version within so long stays, for example 30d or 12h.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would go; so it is without --yes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove what is shown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Remove old versions, and the files that only they have.

    Nothing is removed without --yes. With both --keep and --older-than a version goes only if
    both let it go. The newest version stays, and so does one that was the newest one less than
    a day ago or that a query reads at the moment. Without either option, only files are removed
    that no version has, such as a killed prune leaves.
    """
    from application.prune_catalog import PruneCatalog, PruneReport
    from domain.errors import UsageError
    from domain.retention import Retention
    from entrypoints.cli.arguments import read_duration
    from entrypoints.cli.catalog_report import prune_as_json, show_prune
    from entrypoints.cli.output import show_json
    from entrypoints.cli.session import run
    from entrypoints.container import Container

    if dry_run and yes:
        message = "--dry-run and --yes contradict each other: leave one out."
        raise UsageError(message)
    span = None if older_than is None else read_duration(older_than, "--older-than")
    retention = Retention(keep, span)

    async def work(container: Container) -> PruneReport:
        use_case: PruneCatalog = container.prune_catalog()
        return await (use_case.execute(retention) if yes else use_case.plan(retention))

    report = run(context, work)
    if as_json:
        show_json(prune_as_json(report, done=yes))
    else:
        show_prune(report, done=yes)
    return 0


@app.command("verify")
def verify(
    context: typer.Context,
    *,
    every_version: Annotated[
        bool, typer.Option("--all", help="Every version, not the newest one alone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Read all data files and compare them with what was published.

    Length, SHA-256 and number of rows of each file. Exit code 1 when one is missing or damaged;
    what to do about it is said. Folders that no version has are named; they do no harm.
    """
    from application.verify_catalog import VerifyReport
    from entrypoints.cli.catalog_report import show_verify, verify_as_json
    from entrypoints.cli.output import show_json
    from entrypoints.cli.session import run
    from entrypoints.cli.verify_progress import watched
    from entrypoints.container import Container

    async def work(container: Container) -> VerifyReport:
        return await watched(container.verify_catalog().execute(every_version=every_version))

    report = run(context, work)
    if as_json:
        show_json(verify_as_json(report))
    else:
        show_verify(report)
    return 1 if report.damages else 0


@app.command("rebuild")
def rebuild(
    context: typer.Context,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Make all that is derived anew, from the manifests alone.

    The published Parquet files, catalog.duckdb, indexes, and records of runs that were lost. It
    may be run at any time; no data file and no version is touched.
    """
    from application.rebuild_catalog import RebuildReport
    from entrypoints.cli.catalog_report import rebuild_as_json, show_rebuild
    from entrypoints.cli.output import show_json
    from entrypoints.cli.session import run
    from entrypoints.container import Container

    async def work(container: Container) -> RebuildReport:
        report: RebuildReport = await container.rebuild_catalog().execute()
        return report

    report = run(context, work)
    if as_json:
        show_json(rebuild_as_json(report))
    else:
        show_rebuild(report)
    return 0
