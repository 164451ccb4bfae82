"""`app describe`: what a table means, and what it holds."""

from typing import Annotated

import typer


def describe(
    context: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A table, as nft.nfts or nfts.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object in place of the text.")
    ] = False,
) -> int:
    """Show a table's columns with their types and meaning, and its data sets."""
    from application.describe_table import TableDescription
    from domain.sql_names import sql_type
    from entrypoints.cli.output import say, show, show_json, show_rows
    from entrypoints.cli.session import run
    from entrypoints.cli.words import moment, size
    from entrypoints.container import Container

    async def work(container: Container) -> TableDescription:
        return await container.describe_table().execute(table)

    found = run(context, work)
    if as_json:
        show_json(
            {
                "table": found.name,
                "meaning": found.meaning,
                "key": list(found.key),
                "columns": [
                    {"name": each.name, "type": sql_type(each.type), "meaning": each.meaning}
                    for each in found.fields
                ],
                "datasets": [
                    {
                        "target": each.target,
                        "source": each.source,
                        "rows": each.rows,
                        "bytes": each.bytes,
                        "committed_at": each.committed_at.isoformat(),
                    }
                    for each in found.datasets
                ],
            }
        )
        return 0
    show(f"{found.name}: {found.meaning} Key: {', '.join(found.key)}.\n")
    show_rows(
        ("column", "type", "meaning"),
        [(each.name, sql_type(each.type), each.meaning) for each in found.fields],
    )
    show("")
    show_rows(
        ("target", "source", "rows", "size", "committed"),
        [
            (each.target, each.source, each.rows, size(each.bytes), moment(each.committed_at))
            for each in found.datasets
        ],
    )
    if not found.datasets:
        say("It holds nothing yet.")
    return 0
