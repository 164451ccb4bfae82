"""`app diff`: what changed between two versions."""

from typing import Annotated

import typer


def diff(
    context: typer.Context,
    *,
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="For example nft.")],
    target: Annotated[str, typer.Argument(metavar="TARGET", help="For example dxterminal.")],
    before: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="VERSION|RUN|TIME",
            help="The one before in which it was different.",
        ),
    ] = None,
    after: Annotated[
        str | None, typer.Option("--to", metavar="VERSION|RUN|TIME", help="The newest one.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=0, help="At most so many examples a table.")
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Show rows that were added, removed and changed between two versions of a target.

    Rows are compared by their key; where and when they were fetched does not count. A version
    is named by its number, by its run's id, or by a time at which it was the newest one:
    2026-01-31, 2026-01-31T12:00Z, yesterday, "2 days ago".
    """
    from application.diff_versions import DiffVersions, VersionsDiff
    from entrypoints.cli.diff_report import diff_as_json, show_diff
    from entrypoints.cli.output import show_json
    from entrypoints.cli.session import run
    from entrypoints.container import Container

    async def work(container: Container) -> VersionsDiff:
        use_case: DiffVersions = container.diff_versions()
        return await use_case.execute(domain, target, before, after, limit)

    found = run(context, work)
    if as_json:
        show_json(diff_as_json(found, domain, target))
    else:
        show_diff(found, domain, target)
    return 0
