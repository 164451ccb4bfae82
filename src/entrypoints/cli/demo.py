"""`app demo`: the whole way, without a key and without the internet."""

from typing import Annotated

import typer


def demo(
    context: typer.Context,
    *,
    items: Annotated[int, typer.Option(metavar="N", min=1, help="NFTs to ingest.")] = 2_000,
    data_dir: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Publish into this folder in place of a temporary one."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the temporary folder, and say where it is.")
    ] = False,
) -> int:
    """Ingest NFTs, and a target of each other domain, from a sandbox here, and query them.

    Uses neither your keys nor your settings.
    """
    from entrypoints.cli.demo_tour import DemoTour
    from entrypoints.cli.invocation import invocation

    own = invocation(context)
    folder = data_dir or own.flags.get("data_dir")
    return DemoTour(own, items).run(folder, keep=keep)
