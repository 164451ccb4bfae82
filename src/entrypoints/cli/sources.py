"""`app sources`: where data can come from."""

from typing import Annotated

import typer

app = typer.Typer(help="Where data can come from.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_sources(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON list in place of the table.")
    ] = False,
) -> int:
    """List all sources with an example of what they can ingest."""
    from domain.sources import Source
    from entrypoints.cli.output import show_json, show_rows
    from entrypoints.cli.session import run
    from entrypoints.cli.source_report import source_as_json
    from entrypoints.container import Container

    async def work(container: Container) -> list[Source]:
        return list(container.registry().all())

    found = run(context, work)
    if as_json:
        show_json([source_as_json(each) for each in found])
        return 0
    show_rows(
        ("domain", "source", "what", "example"),
        [
            (each.domain, each.name, each.title, f"app ingest {each.domain} {each.example_target}")
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
    from domain.sources import Source
    from entrypoints.cli.beginning import begin
    from entrypoints.cli.invocation import invocation
    from entrypoints.cli.output import show_json
    from entrypoints.cli.session import run_with
    from entrypoints.cli.source_report import show_source_report, source_as_json
    from entrypoints.container import Container

    async def work(container: Container) -> Source:
        known = {each.name: each for each in container.registry().all()}
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
