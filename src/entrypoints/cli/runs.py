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
) -> int:
    """List all runs, newest first, or tell everything about one."""
    from domain.runs import Run, run_to_json
    from entrypoints.cli.output import say, show_json
    from entrypoints.cli.run_report import show_run, show_runs
    from entrypoints.cli.session import run
    from entrypoints.container import Container

    async def work(container: Container) -> list[Run]:
        runs = container.list_runs()
        return list(await runs.execute()) if run_id is None else [await runs.get(run_id)]

    found = run(context, work)
    if as_json:
        values = [run_to_json(each) for each in found]
        show_json(values if run_id is None else values[0])
    elif run_id is not None:
        show_run(found[0])
    else:
        show_runs(found)
        if not found:
            say("There was no run yet. Begin with: app ingest nft dxterminal")
    return 0
