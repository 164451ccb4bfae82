"""`app datasets`: what is published."""

from datetime import datetime
from typing import Annotated

import typer


def datasets(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON list in place of the table.")
    ] = False,
) -> int:
    """List the published data sets: each target in each table."""
    from application.list_datasets import DatasetSummary
    from entrypoints.cli.output import say, show_json, show_rows
    from entrypoints.cli.session import run
    from entrypoints.cli.table_report import dataset_as_json, last_run
    from entrypoints.cli.words import ago, moment, size
    from entrypoints.container import Container

    async def work(container: Container) -> tuple[list[DatasetSummary], datetime]:
        return list(await container.list_datasets().execute()), container.clock().now()

    found, now = run(context, work)
    if as_json:
        show_json([dataset_as_json(each, now) for each in found])
        return 0
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
            for each in found
        ],
    )
    if not found:
        say("Nothing is published yet. Begin with: app ingest nft dxterminal")
    return 0
