"""`app datasets`: what is published."""

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
    from entrypoints.cli.words import moment, size
    from entrypoints.container import Container

    async def work(container: Container) -> list[DatasetSummary]:
        return list(await container.list_datasets().execute())

    found = run(context, work)
    if as_json:
        show_json(
            [
                {
                    "table": each.table,
                    "target": each.target,
                    "source": each.source,
                    "rows": each.rows,
                    "bytes": each.bytes,
                    "files": each.files,
                    "run_id": each.run_id,
                    "committed_at": each.committed_at.isoformat(),
                }
                for each in found
            ]
        )
        return 0
    show_rows(
        ("table", "target", "source", "rows", "size", "committed", "run"),
        [
            (
                each.table,
                each.target,
                each.source,
                each.rows,
                size(each.bytes),
                moment(each.committed_at),
                each.run_id,
            )
            for each in found
        ],
    )
    if not found:
        say("Nothing is published yet. Begin with: app ingest nft dxterminal")
    return 0
