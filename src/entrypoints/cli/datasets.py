"""`app datasets`: what is published."""

from datetime import datetime
from typing import Annotated

import typer


def datasets(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON list in place of the table.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="At most so many; on a terminal 200 unless said."),
    ] = None,
) -> int:
    """List the published data sets: each target in each table."""
    from application.list_datasets import DatasetSummary
    from entrypoints.cli.output import most_rows, say, say_more, show_json, show_rows
    from entrypoints.cli.session import run
    from entrypoints.cli.table_report import dataset_as_json, last_run
    from entrypoints.cli.words import ago, moment, size
    from entrypoints.container import Container

    async def work(container: Container) -> tuple[list[DatasetSummary], datetime]:
        return list(await container.list_datasets().execute()), container.clock().now()

    found, now = run(context, work)
    if as_json:
        show_json([dataset_as_json(each, now) for each in found[:limit]])
        return 0
    shown = found[: most_rows(limit)]
    show_rows(
        ("table", "target", "source", "rows", "size", "committed", "age", "run", "last run"),
        [
            (
                each.table,
                each.target,
                each.source,
                each.rows,
                size(each.bytes),
                moment(each.committed_at),
                ago(each.committed_at, now),
                each.run_id,
                last_run(each),
            )
            for each in shown
        ],
    )
    say_more(len(found) - len(shown))
    if not found:
        say("Nothing is published yet. Begin with: app ingest nft dxterminal")
    return 0
