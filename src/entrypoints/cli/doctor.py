"""`app doctor`: is everything as it should be?"""

from typing import Annotated

import typer

_MARKS = {"ok": ("✓", ""), "warning": ("!", "yellow"), "failure": ("✗", "red")}


def doctor(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON list in place of the lines.")
    ] = False,
) -> int:
    """Look at settings, keys, data folder, cache and network, and give advice.

    Exit code 1 when something will not work.
    """
    from domain.health import Finding, Level
    from entrypoints.cli.output import show, show_json
    from entrypoints.cli.session import run
    from entrypoints.container import Container

    async def work(container: Container) -> list[Finding]:
        return list(await container.diagnose().execute())

    found = run(context, work)
    if as_json:
        show_json(
            [
                {
                    "name": each.name,
                    "level": each.level.value,
                    "detail": each.detail,
                    "advice": each.advice,
                }
                for each in found
            ]
        )
    else:
        for each in found:
            mark, style = _MARKS[each.level.value]
            show(f"{mark} {each.name}: {each.detail}", style)
            if each.advice:
                show(f"    {each.advice}", "dim")
    return int(any(each.level is Level.FAILURE for each in found))
