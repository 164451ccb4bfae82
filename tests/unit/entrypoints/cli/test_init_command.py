"""`app init` writes files that work as they are, and harms none."""

import re
import tomllib
from pathlib import Path

from entrypoints.cli.templates import config_template, dotenv_template
from entrypoints.settings import Settings
from entrypoints.settings_entries import entries
from entrypoints.settings_layers import load_settings
from tests.support.run_cli import RunCli

ROOT = Path(__file__).parents[4]


def test_both_files_are_written(run_cli: RunCli, tmp_path: Path) -> None:
    """The one with the keys is for its owner alone; what is next is said."""
    outcome = run_cli("init")

    assert outcome.code == 0
    assert (tmp_path / "app.toml").read_text() == config_template()
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert "app ingest nft dxterminal" in outcome.err
    assert load_settings().settings == Settings()
    assert load_settings().exposed == ()


def test_what_is_there_stays(run_cli: RunCli, tmp_path: Path) -> None:
    """Unless it is forced, and then the mode is right too."""
    (tmp_path / ".env").write_text("OPENSEA_API_KEY=x")
    (tmp_path / ".env").chmod(0o644)

    assert ".env is there already and stays" in run_cli("init").err
    assert (tmp_path / ".env").read_text() == "OPENSEA_API_KEY=x"
    assert run_cli("init", "--force").code == 0
    assert (tmp_path / ".env").read_text() == dotenv_template()
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_a_folder_in_the_way_is_an_error(run_cli: RunCli, tmp_path: Path) -> None:
    """It is not removed."""
    (tmp_path / "app.toml").mkdir()
    outcome = run_cli("init", "--force")

    assert outcome.code == 1
    assert "app.toml cannot be written" in outcome.err


def test_every_open_setting_stands_in_the_template(run_cli: RunCli, tmp_path: Path) -> None:
    """With its real default or an example; without their # all lines are valid settings."""
    (tmp_path / "app.toml").write_text(re.sub(r"(?m)^# (?=\S+ = |\[)", "", config_template()))
    values = tomllib.loads((tmp_path / "app.toml").read_text())

    for entry in entries():
        found = values
        for name in entry.place:
            found = found.get(name, {})
        assert (found == {}) == entry.secret, entry.name
    settings = load_settings().settings
    assert settings.http == Settings().http.model_copy(update={"contact": "you@example.org"})
    assert settings.cache == Settings().cache
    assert settings.sources["opensea"].base_url == "http://127.0.0.1:8765"


def test_the_example_file_is_the_template() -> None:
    """`.env.example` in the repository is what `app init` writes."""
    assert (ROOT / ".env.example").read_text() == dotenv_template()
