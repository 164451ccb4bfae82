"""`app sources test` and `app sources schema`: help for those who declare sources."""

import sys
from typing import Annotated

import typer


def check_source(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A source's name, for example usgs.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object in place of the text.")
    ] = False,
) -> int:
    """Check a source against its recorded answers; asks nobody.

    The recording of a project's source lies in sources/recordings/NAME/, that of a built-in one
    in tests/recordings/NAME/ of a checkout. The exit code is 1 when something is wrong.
    """
    from domain.source_checks import SourceCheck
    from entrypoints.cli.exit_codes import FAILED, OK
    from entrypoints.cli.output import show_json
    from entrypoints.cli.session import run
    from entrypoints.cli.source_check_report import check_as_json, show_check
    from entrypoints.container import Container

    async def work(container: Container) -> SourceCheck:
        check: SourceCheck = await container.check_source().execute(name)
        return check

    found = run(context, work)
    if as_json:
        show_json(check_as_json(found))
    else:
        show_check(found)
    return OK if found.sound else FAILED


def show_schema(context: typer.Context) -> int:
    """Print the JSON Schema of declared sources, for editors."""
    from entrypoints.cli.session import run
    from entrypoints.container import Container

    async def work(container: Container) -> str:
        return container.editor_schema()

    sys.stdout.write(run(context, work))
    return 0
