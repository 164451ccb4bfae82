"""`app query`: SQL about what is published."""

from pathlib import Path
from typing import Annotated

import typer

from entrypoints.cli.query_format import Columns, Format

_TABLE_ROWS = 1000


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
            help="A value for $NAME in the SQL, bound and never pasted. Repeatable.",
        ),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="VERSION|RUN|TIME",
            help="As it was then: 42, a run's id, 2026-01-31, yesterday, '2 days ago'.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write to a file, whole or not at all; its suffix tells the format, and .gz or "
            ".zst behind it compresses text.",
        ),
    ] = None,
    format_: Annotated[
        Format | None,
        typer.Option("--format", help="table on a terminal, csv when piped, if not said."),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Short for --format csv.")] = False,
    tsv: Annotated[bool, typer.Option("--tsv", help="Short for --format tsv.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Short for --format json.")] = False,
    ndjson: Annotated[bool, typer.Option("--nl", help="Short for --format ndjson.")] = False,
    markdown: Annotated[bool, typer.Option("--md", help="Short for --format markdown.")] = False,
    line: Annotated[
        bool, typer.Option("--line", help="Short for --format line: a field a line.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="At most so many rows; a table stops at 1,000."),
    ] = None,
    columns: Annotated[
        Columns | None,
        typer.Option(help="Cut a table's columns to the terminal's width, or leave them wide."),
    ] = None,
    types: Annotated[
        bool, typer.Option("--types", help="Types under the names of a table's columns.")
    ] = False,
    no_header: Annotated[bool, typer.Option("--no-header", help="No column names.")] = False,
    null: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Text for NULL in table, line, csv, tsv and markdown."),
    ] = None,
    no_pager: Annotated[
        bool, typer.Option("--no-pager", help="Never show a long result through $PAGER.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0.1, help="Give up after so long.")
    ] = 300.0,
    memory: Annotated[
        str, typer.Option(metavar="SIZE", help="Most memory, for example 500MB.")
    ] = "2GB",
    allow_path: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH",
            help="Let this query read a file or folder of yours: from 'my.csv'. Repeatable.",
        ),
    ] = None,
) -> int:
    """Run SQL over the published tables.

    For example: app query "select * from nfts limit 10".

    Tables can be named with their schema (nft.nfts) or without (nfts); meta.runs, meta.datasets
    and their like tell about the data. `app datasets` and `app describe TABLE` list what is
    there. Nothing but data goes to stdout. Exit codes: 1 the SQL fails or is refused; 124 timeout.
    """
    import sys

    from application.ports.result_writer import Layout
    from entrypoints.cli.allowed_paths import find_allowed_paths
    from entrypoints.cli.arguments import read_pairs
    from entrypoints.cli.query_format import asked_format, style_for
    from entrypoints.cli.query_runner import QueryOrder, run_query
    from entrypoints.cli.result_file import destination
    from entrypoints.cli.sql_text import read_sql
    from entrypoints.cli.table_width import table_width

    target = destination(output)
    terminal = target is None and sys.stdout.isatty()
    shorthands = {
        Format.CSV: csv,
        Format.TSV: tsv,
        Format.JSON: json,
        Format.NDJSON: ndjson,
        Format.MARKDOWN: markdown,
        Format.LINE: line,
    }
    style = style_for(asked_format(format_, shorthands), target, terminal=terminal)
    is_cut = style.name == Format.TABLE and limit is None
    order = QueryOrder(
        sql=read_sql(sql, file),
        parameters=read_pairs(parameters or ()),
        timeout=timeout,
        memory=memory,
        allowed_paths=find_allowed_paths(allow_path or ()),
        at=at,
        layout=Layout(
            style.name,
            limit=_TABLE_ROWS if is_cut else limit,
            header=not no_header,
            null=null,
            width=table_width(columns, terminal=terminal),
            types=types,
            count_more=is_cut,
        ),
        output=target,
        compression=style.compression,
        terminal=terminal,
        pager=not no_pager,
    )
    run_query(context, order)
    return 0
