"""The program: global options, its commands, and the way from errors to exit codes."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from entrypoints.cli import (
    cache,
    catalog,
    check,
    config,
    datasets,
    demo,
    describe,
    diff,
    doctor,
    export,
    ingest,
    init,
    query,
    runs,
    sandbox,
    sources,
)
from entrypoints.cli.invocation import Invocation, invocation
from entrypoints.cli.sections import SectionedGroup

_NAME = "app"
_DISTRIBUTION = "automated-data-pipeline"

app = typer.Typer(
    name=_NAME,
    cls=SectionedGroup,
    help="Fetches data sets from public HTTP APIs, stores them as Parquet, and answers SQL.",
    epilog="Start with `app demo`, or `app ingest nft dxterminal` and `app query`.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich's own help takes three times as long to start
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_DATA, _OPERATION, _TRYING = "Data", "Operation", "Trying it out"
for name, command, section in (
    ("ingest", ingest.ingest, _DATA),
    ("query", query.query, _DATA),
    ("datasets", datasets.datasets, _DATA),
    ("describe", describe.describe, _DATA),
    ("diff", diff.diff, _DATA),
    ("export", export.export, _DATA),
    ("runs", runs.runs, _OPERATION),
    ("check", check.check, _OPERATION),
    ("doctor", doctor.doctor, _OPERATION),
    ("init", init.init, _OPERATION),
    ("demo", demo.demo, _TRYING),
    ("sandbox", sandbox.sandbox, _TRYING),
):
    app.command(name, rich_help_panel=section)(command)
app.add_typer(sources.app, name="sources", rich_help_panel=_DATA)
app.add_typer(catalog.app, name="catalog", rich_help_panel=_OPERATION)
app.add_typer(cache.app, name="cache", rich_help_panel=_OPERATION)
app.add_typer(config.app, name="config", rich_help_panel=_OPERATION)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"{_DISTRIBUTION} {version(_DISTRIBUTION)}\n")
        raise typer.Exit


@app.callback()
def global_options(
    context: typer.Context,
    *,
    config_file: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Read this file in place of app.toml (APP_CONFIG)."
        ),
    ] = None,
    data_dir: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Folder for published data (APP_DATA_DIR)."),
    ] = None,
    log_level: Annotated[
        str | None,
        typer.Option(metavar="LEVEL", help="debug, info, warning or error (APP_LOG_LEVEL)."),
    ] = None,
    log_file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write the log there as JSON lines, with rotation, "
            "for example logs/project.log (APP_LOG_FILE).",
        ),
    ] = None,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colours (also: NO_COLOR).")
    ] = False,
    version: Annotated[  # noqa: ARG001  # its callback does it all
        bool,
        typer.Option(
            "--version", help="Show the version and end.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Options that stand before the command hold for every command."""
    own = invocation(context)
    own.config = config_file
    own.flags = {"data_dir": data_dir, "log_level": log_level, "log_file": log_file}
    if no_color:
        from entrypoints.cli.output import turn_colors_off

        turn_colors_off()


def run_program(
    arguments: Sequence[str] | None = None,
    *,
    container_factory: Callable[[Any], Any] | None = None,
) -> int:
    """Run one command line; the exit code.

    Args:
        arguments: without the program's name; None for the process's own.
        container_factory: builds the container from the settings, for tests.
    """
    own = Invocation(container_factory=container_factory, in_process=arguments is not None)
    with own.signals.watched():
        try:
            code = app(args=arguments, prog_name=_NAME, standalone_mode=False, obj=own)
            sys.stdout.flush()
        except BaseException as error:  # noqa: BLE001  # the last one who can say something
            from entrypoints.cli.failures import explained

            code = explained(error, own)
        finally:
            own.close()
    return code if isinstance(code, int) else 0
