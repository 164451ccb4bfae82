"""`app sandbox`: an upstream on this machine."""

from typing import Annotated

import typer

_LIST = "list"


def sandbox(
    *,
    port: Annotated[
        int, typer.Option(metavar="N", min=1, max=65_535, help="Port on the loopback address.")
    ] = 8765,
    items: Annotated[
        int, typer.Option(metavar="N", min=0, help="NFTs in the collection dxterminal.")
    ] = 36_600,
    latency: Annotated[
        int, typer.Option(metavar="MS", min=0, max=60_000, help="Milliseconds before an answer.")
    ] = 0,
    faults: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="A fault to play; `--faults list` tells which there are. Repeatable.",
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Another seed gives other, equally fixed data.")
    ] = 1,
    pairs: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, max=9_999, help="Pairs of Binance besides the usual: M0001USDT, …"
        ),
    ] = 0,
) -> int:
    """Serve made-up data as the real upstreams would, until Ctrl-C.

    The lines on stdout point the app at it: paste them into another terminal.
    """
    from domain.errors import UsageError
    from entrypoints.cli.output import show_rows
    from entrypoints.cli.sandbox_host import host
    from entrypoints.sandbox import FAULTS, SandboxOptions

    names = tuple(name.strip() for given in faults or () for name in given.split(","))
    if _LIST in names:
        show_rows(("fault", "what it does"), list(FAULTS.items()))
        return 0
    try:
        options = SandboxOptions(items, seed, latency, names, pairs=pairs)
    except ValueError as error:
        raise UsageError(str(error)) from error
    host(options, port)
    return 0
