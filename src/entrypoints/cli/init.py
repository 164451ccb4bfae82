"""`app init`: begin a project in this folder."""

from pathlib import Path
from typing import Annotated

import typer


def init(
    force: Annotated[
        bool, typer.Option("--force", help="Write over files that are there.")
    ] = False,
) -> int:
    """Write app.toml, with every setting commented out, and .env for the keys."""
    from domain.errors import StorageError
    from entrypoints.cli.output import say
    from entrypoints.cli.templates import config_template, dotenv_template
    from entrypoints.settings_layers import CONFIG_FILE, DOTENV_FILE

    files = {CONFIG_FILE: (config_template(), 0o644), DOTENV_FILE: (dotenv_template(), 0o600)}
    for name, (text, mode) in files.items():
        try:
            written = _write(Path(name), text, mode, force=force)
        except OSError as error:
            message = f"{name} cannot be written: {error.strerror}."
            raise StorageError(message) from error
        say(f"{name} written" if written else f"{name} is there already and stays as it is")
    say("Next: put your keys into .env (none is needed for nft), then: app ingest nft dxterminal")
    return 0


def _write(file: Path, text: str, mode: int, *, force: bool) -> bool:
    """Write a new file with its mode from the first byte on; False when there is one."""
    import os

    if force:
        file.unlink(missing_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as sink:
        sink.write(text)
    return True
