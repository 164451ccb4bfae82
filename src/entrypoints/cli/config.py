"""`app config`: what is set, and where."""

from typing import Annotated

import typer

app = typer.Typer(
    help="Settings and where they come from.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("show")
def show_settings(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON list in place of the table.")
    ] = False,
) -> int:
    """Show each setting with its value and the layer it comes from; keys stay hidden."""
    from entrypoints.cli.beginning import begin
    from entrypoints.cli.output import show_json, show_rows
    from entrypoints.settings_entries import entries

    loaded = begin(context)
    rows = [
        {
            "name": each.name,
            "value": each.shown(loaded.settings),
            "origin": loaded.origin(each.place),
            "variable": each.variable,
            "meaning": each.meaning,
        }
        for each in entries(loaded.settings)
    ]
    if as_json:
        show_json(rows)
    else:
        columns = ("name", "value", "origin", "variable")
        show_rows(columns, [tuple(row[name] for name in columns) for row in rows])
    return 0


@app.command("path")
def show_paths(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object in place of the lines.")
    ] = False,
) -> int:
    """Show which files and folders are used, and whether they exist."""
    from pathlib import Path

    from entrypoints.cli.beginning import begin
    from entrypoints.cli.output import show_json, show_rows
    from entrypoints.settings_layers import CONFIG_FILE, DOTENV_FILE

    loaded = begin(context)
    settings = loaded.settings
    paths = {
        "app.toml": loaded.config_file or Path(CONFIG_FILE),
        ".env": Path(DOTENV_FILE),
        "data_dir": settings.working_dir,
        "state_dir": settings.state_dir,
        **({"log_file": settings.log_file} if settings.log_file else {}),
    }
    if as_json:
        show_json({name: str(path.absolute()) for name, path in paths.items()})
    else:
        show_rows(
            ("what", "path", "exists"),
            [
                (name, str(path.absolute()), "yes" if path.exists() else "no")
                for name, path in paths.items()
            ],
        )
    return 0
