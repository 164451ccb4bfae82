"""`app export`: published tables as files and in databases of other tools."""

from pathlib import Path
from typing import Annotated

import typer


def export(
    context: typer.Context,
    *,
    tables: Annotated[
        list[str],
        typer.Argument(
            metavar="TABLE", help="A table (nft.nfts, nfts), or a domain for all its tables (nft)."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write to a file, whole or not at all; its suffix tells the format: .parquet, "
            ".csv, .tsv, .ndjson, .arrow or .duckdb; .gz or .zst behind it compresses text. "
            "A .duckdb file holds any number of tables.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Load into PostgreSQL: postgresql://user@host/database. Better give the password "
            "in PGPASSWORD, ~/.pgpass or a service file than in the URL.",
        ),
    ] = None,
    where: Annotated[
        str,
        typer.Option(metavar="SQL", help="Only rows for which this holds: \"chain = 'base'\"."),
    ] = "",
    target: Annotated[
        str | None, typer.Option(metavar="TARGET", help="Only the rows of this target.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="VERSION|RUN|TIME", help="From an older version of the catalog."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace a file or table that is there already.")
    ] = False,
    memory: Annotated[
        str, typer.Option(metavar="SIZE", help="Most memory for reading, for example 500MB.")
    ] = "2GB",
) -> int:
    """Copy published tables to a file or into PostgreSQL.

    For example: app export nft.nfts -o nfts.parquet, or app export nft -o nft.duckdb.

    All of it arrives or nothing changes. Rows keep their order and their types, as far as the
    format has them.
    """
    from entrypoints.cli.export_runner import ExportOrder, run_export

    order = ExportOrder(tables, output, to, where.strip(), target, at, force, memory)
    run_export(context, order)
    return 0
