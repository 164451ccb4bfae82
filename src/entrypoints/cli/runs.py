"""`app runs`: what happened."""

from typing import Annotated

import typer


def runs(
    context: typer.Context,
    run_id: Annotated[
        str | None, typer.Argument(metavar="RUN", help="A run's id, or the beginning of it.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="JSON: one object for a run, a list for all.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="At most so many; on a terminal 200 unless said."),
    ] = None,
) -> int:
    """List all runs, newest first, or tell everything about one."""
    from application.list_runs import ListRuns
    from domain.runs import Run, run_to_json
    from entrypoints.cli.output import most_rows, say, say_more, show_json
    from entrypoints.cli.run_report import show_run, show_runs
    from entrypoints.cli.session import run
    from entrypoints.container import Container

    async def work(container: Container) -> tuple[list[Run], int]:
        runs: ListRuns = container.list_runs()
        if run_id is not None:
            return [await runs.get(run_id)], 0
        return await runs.execute(limit if as_json else most_rows(limit))

    found, left = run(context, work)
    if as_json:
        values = [run_to_json(each) for each in found]
        show_json(values if run_id is None else values[0])
    elif run_id is not None:
        show_run(found[0])
    else:
        show_runs(found)
        say_more(left)
        if not found and not left:
            say("There was no run yet. Begin with: app ingest nft dxterminal")
    return 0
