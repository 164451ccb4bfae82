"""`app describe`: what a table means, and what it holds."""

from datetime import datetime
from typing import Annotated

import typer


def describe(
    context: typer.Context,
    table: Annotated[str, typer.Argument(metavar="TABLE", help="A table, as nft.nfts or nfts.")],
    *,
    target: Annotated[
        str | None, typer.Option(metavar="TARGET", help="Only this one of its data sets.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object in place of the text.")
    ] = False,
) -> int:
    """Show a table's columns with their types, meaning and values, its data sets, runs, checks.

    Share of nulls, least and greatest value are exact. The number of different values is, unless
    it says "about". They are those of when the rows were published; no data file is read.
    """
    from application.describe_table import TableDescription
    from entrypoints.cli.output import show_json
    from entrypoints.cli.session import run
    from entrypoints.cli.table_report import show_table, table_as_json
    from entrypoints.container import Container

    async def work(container: Container) -> tuple[TableDescription, datetime]:
        found: TableDescription = await container.describe_table().execute(table, target)
        return found, container.clock().now()

    found, now = run(context, work)
    if as_json:
        show_json(table_as_json(found, now))
    else:
        show_table(found, now)
    return 0
