"""`app sources`: where data can come from."""

from typing import Annotated

import typer

from entrypoints.cli.sources_new import new_source
from entrypoints.cli.sources_test import check_source, show_schema

app = typer.Typer(help="Where data can come from.", no_args_is_help=True, rich_markup_mode=None)
app.command("new")(new_source)
app.command("test")(check_source)
app.command("schema")(show_schema)


@app.command("list")
def list_sources(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON list in place of the table.")
    ] = False,
) -> int:
    """List all sources with an example of what they can ingest."""
    from entrypoints.cli.output import show_json, show_rows
    from entrypoints.cli.session import run
    from entrypoints.cli.source_report import KnownSource, known_sources, source_as_json
    from entrypoints.container import Container

    async def work(container: Container) -> list[KnownSource]:
        return known_sources(container)

    found = run(context, work)
    if as_json:
        show_json([source_as_json(each) for each in found])
        return 0
    show_rows(
        ("domain", "source", "what", "origin", "example"),
        [
            (each.source.domain, each.source.name, each.source.title, each.origin, each.example)
            for each in found
        ],
    )
    return 0


@app.command("show")
def show_source(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A source's name, for example opensea.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object in place of the text.")
    ] = False,
) -> int:
    """Show a source's tables, parameters, limits and key."""
    from domain.errors import NotFoundError
    from entrypoints.cli.beginning import begin
    from entrypoints.cli.invocation import invocation
    from entrypoints.cli.output import show_json
    from entrypoints.cli.session import run_with
    from entrypoints.cli.source_report import (
        KnownSource,
        known_sources,
        show_source_report,
        source_as_json,
    )
    from entrypoints.container import Container

    async def work(container: Container) -> KnownSource:
        known = {each.source.name: each for each in known_sources(container)}
        if name not in known:
            hint = "`app sources list` lists them."
            raise NotFoundError(what="source", name=name, known=known, hint=hint)
        return known[name]

    settings = begin(context).settings
    found = run_with(invocation(context), settings, work)
    if as_json:
        show_json(source_as_json(found))
    else:
        show_source_report(found, settings)
    return 0
