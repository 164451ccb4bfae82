"""The README says what the program does."""

import re
from pathlib import Path

import pytest
import typer
from pydantic_settings import BaseSettings

from entrypoints.cli.program import app
from entrypoints.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PROMISE = (
    "At-least-once fetching, exactly-once rows. "
    "A run either publishes a complete new version of a data set or leaves the old one untouched. "
    "`kill -9`, a full disk, a dead Redis or a hostile upstream never lose, duplicate or "
    "half-publish a row. A killed run resumes and repeats at most one checkpoint. "
    "Bad rows go to quarantine with a reason: "
    "fetched = published + quarantined + deduplicated, checked at each commit."
)


def test_the_promise_stands_word_for_word() -> None:
    """What the tests prove is what is promised."""
    assert f"> {PROMISE}\n" in README


def test_the_two_commands_stand_in_the_makefile() -> None:
    """`make demo` and `make test` are targets."""
    makefile = (ROOT / "Makefile").read_text()
    for name in ("demo", "test"):
        assert f"make {name}" in README
        assert re.search(rf"^{name}: ", makefile, re.MULTILINE)


def _commands() -> list[str]:
    group = typer.main.get_command(app)
    names: list[str] = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]  # it is a group
        below = getattr(command, "commands", None)
        names.extend(f"app {name} {sub}" for sub in below) if below else names.append(f"app {name}")
    return names


@pytest.mark.parametrize("command", _commands())
def test_every_command_stands_in_the_readme(command: str) -> None:
    """A command that nobody can read about does not exist."""
    assert f"`{command}" in README or f"{command} " in README


def test_every_setting_stands_in_the_readme() -> None:
    """Names as `app config show` prints them, or the variable of a key."""
    for name, field in Settings.model_fields.items():
        inner = field.annotation
        names = [name]
        if isinstance(inner, type) and hasattr(inner, "model_fields") and inner is not BaseSettings:
            names = [f"{name}.{each}" for each in inner.model_fields]
        for each in names:
            assert f"`{each}" in README, each


def test_links_to_files_lead_somewhere() -> None:
    """Relative links name files of the repository."""
    for path in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path


def test_no_placeholder_is_left() -> None:
    """Sections that a later step fills are filled."""
    assert "@@" not in README
