"""`app sources new`: a declaration out of one answer."""

import sys
from pathlib import Path
from typing import Annotated

import typer


def new_source(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What to call it, for example harbours.")
    ],
    *,
    url: Annotated[
        str,
        typer.Option(metavar="URL", help="The address of a list, which is asked for an example."),
    ] = "",
    answer: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="An answer of that address, not to ask it."),
    ] = None,
    domain: Annotated[
        str, typer.Option(metavar="DOMAIN", help="The SQL schema (else the name).")
    ] = "",
    target: Annotated[
        str,
        typer.Option(
            metavar="TEXT", help="What changes in the address from one target to the next."
        ),
    ] = "",
    table: Annotated[str, typer.Option(metavar="TABLE", help="What to call the table.")] = "",
    records: Annotated[
        str, typer.Option(metavar="PATH", help="Where the list is in the answer, as data.items.")
    ] = "",
    key: Annotated[
        str, typer.Option(metavar="COLUMNS", help="Columns that identify a row, as id or a,b.")
    ] = "",
    pages: Annotated[
        int, typer.Option(min=1, max=20, help="Most answers to ask for and to record.")
    ] = 3,
    force: Annotated[
        bool, typer.Option("--force", help="Take the place of the source of that name.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object in place of the text.")
    ] = False,
) -> int:
    """Declare a new source from an example answer, record it, and test it.

    The address is asked for, on a terminal, when it is not given. What looks like a key in it is
    neither sent nor written.
    """
    from application.draft_source import DraftedSource
    from domain.drafts import Wishes
    from entrypoints.cli.exit_codes import FAILED, OK
    from entrypoints.cli.session import run
    from entrypoints.cli.source_draft_report import draft_as_json, show_draft
    from entrypoints.container import Container

    body = _content(answer)
    if not url:
        url, target = _asked(context, name, target, recorded=answer is not None)
    wishes = Wishes(
        name=name, domain=domain or name, url=url, target=target, table=table, records=records,
        key=tuple(each for part in key.split(",") if (each := part.strip())),
    )  # fmt: skip

    async def work(container: Container) -> tuple[DraftedSource, bool]:
        drafted: DraftedSource = await container.draft_source().execute(
            wishes, body, pages=pages, overwrite=force
        )
        others = [each for each in container.registry().all() if each.name != name]
        return drafted, not any(each.domain == wishes.domain for each in others)

    drafted, alone = run(context, work)
    if as_json:
        draft_as_json(drafted, alone=alone)
    else:
        show_draft(drafted, alone=alone)
    return OK if drafted.check.sound else FAILED


def _content(file: Path | None) -> bytes | None:
    from domain.errors import UsageError
    from domain.requests import METADATA_BYTES

    if file is None:
        return None
    try:
        with file.open("rb") as opened:
            body = opened.read(METADATA_BYTES + 1)
    except OSError as exc:
        message = f"{file} cannot be read: {exc.strerror}."
        raise UsageError(message) from exc
    if len(body) > METADATA_BYTES:
        message = f"{file} has more than {METADATA_BYTES:,} bytes: a page of a list is enough."
        raise UsageError(message)
    return body


def _asked(context: typer.Context, name: str, target: str, *, recorded: bool) -> tuple[str, str]:
    """Address and target, from whoever sits at the terminal."""
    from domain.errors import UsageError

    what = "the answer came from" if recorded else "the list is at"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        message = f"{context.command_path} {name}: give the address that {what} with --url."
        raise UsageError(message)
    url: str = typer.prompt(f"The address that {what}", err=True)
    if not target:
        question = "The part of it that changes from one target to the next (Enter: none)"
        target = typer.prompt(question, default="", show_default=False, err=True)
    return url, target
