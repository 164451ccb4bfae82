"""`app query`: SQL about what is published."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_TABLE_ROWS = 1000


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    NDJSON = "ndjson"
    MARKDOWN = "markdown"
    PARQUET = "parquet"
    ARROW = "arrow"


_SUFFIXES = {
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".json": Format.JSON,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".md": Format.MARKDOWN,
    ".parquet": Format.PARQUET,
    ".arrow": Format.ARROW,
    ".arrows": Format.ARROW,
    ".txt": Format.TABLE,
}
_BINARY = {Format.PARQUET, Format.ARROW}


def query(
    context: typer.Context,
    *,
    sql: Annotated[
        str | None,
        typer.Argument(metavar="SQL", help="One statement that reads; - or nothing reads stdin."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("-f", "--file", metavar="FILE", help="Read the SQL from a file.")
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            "--parameter",
            metavar="NAME=VALUE",
            help="A value for $NAME in the SQL. Repeatable.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write to a file, whole or not at all; its suffix tells the format.",
        ),
    ] = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="table on a terminal, csv when piped, if not said."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="At most so many rows; a table stops at 1,000."),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="Give up after so long.")
    ] = 300.0,
    memory: Annotated[
        str, typer.Option(metavar="SIZE", help="Most memory, for example 500MB.")
    ] = "2GB",
    no_header: Annotated[bool, typer.Option("--no-header", help="No column names.")] = False,
    null: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Text for NULL in table, csv, tsv and markdown."),
    ] = None,
) -> int:
    """Run SQL over the published tables.

    For example: app query "select * from nfts limit 10".

    Tables can be named with their schema (nft.nfts) or without (nfts); meta.runs, meta.datasets
    and their like tell about the data. `app datasets` and `app describe TABLE` list what is
    there. Nothing but data goes to stdout. Exit codes: 1 the SQL fails or is refused; 124 timeout.
    """
    from entrypoints.cli.arguments import read_pairs
    from entrypoints.cli.query_runner import QueryOrder, run_query
    from entrypoints.cli.sql_text import read_sql

    chosen = _format(format_, output)
    order = QueryOrder(
        sql=read_sql(sql, file),
        parameters=read_pairs(parameters or ()),
        output=output,
        format=chosen.value,
        limit=_TABLE_ROWS if chosen is Format.TABLE and limit is None else limit,
        timeout=timeout,
        memory=memory,
        header=not no_header,
        null=null,
    )
    run_query(context, order)
    return 0


def _format(given: Format | None, output: Path | None) -> Format:
    import sys

    from domain.errors import UsageError

    if output is not None:
        guessed = given or _SUFFIXES.get(output.suffix.lower())
        if guessed is None:
            message = f"-o {output}: the suffix tells no format; add --format."
            raise UsageError(message)
        return guessed
    terminal = sys.stdout.isatty()
    chosen = given or (Format.TABLE if terminal else Format.CSV)
    if chosen in _BINARY and terminal:
        message = f"{chosen.value} is not for terminals: use -o FILE, or pipe it."
        raise UsageError(message)
    return chosen
