"""Watch lists: `app ingest crypto @majors`."""

from pathlib import Path

import pytest

from domain.errors import ConfigurationError, NotFoundError
from entrypoints.cli.watch_lists import listed_targets
from entrypoints.settings_entries import entries
from entrypoints.settings_layers import load_settings

LISTS = {"majors": ("BTCUSDT", "ETHUSDT"), "minors": ("SOLUSDT", "BTCUSDT")}


@pytest.fixture(autouse=True)
def _empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_lists_and_targets_mix_in_their_order() -> None:
    """What comes twice is ingested once, where it came first."""
    given = ["XRPUSDT", "@majors", "@minors", "ETHUSDT"]
    assert listed_targets(given, LISTS) == ["XRPUSDT", "BTCUSDT", "ETHUSDT", "SOLUSDT"]


@pytest.mark.parametrize("name", ["@major", "@"])
def test_an_unknown_list_is_not_found(name: str) -> None:
    """With the nearest one, and where lists are written."""
    with pytest.raises(NotFoundError, match=r"app\.toml") as refused:
        listed_targets([name], LISTS)
    assert refused.value.suggestions == (("@majors", "@minors") if len(name) > 1 else ())


def test_lists_stand_in_the_configuration_file() -> None:
    """Blanks and repeated targets are taken out; `app config show` lists them with their origin."""
    Path("app.toml").write_text('[lists]\nmajors = [" BTCUSDT", "ETHUSDT", "BTCUSDT"]\n')
    loaded = load_settings()

    assert loaded.settings.lists == {"majors": ("BTCUSDT", "ETHUSDT")}
    (entry,) = [each for each in entries(loaded.settings) if each.name == "lists.majors"]
    assert (entry.shown(loaded.settings), loaded.origin(entry.place)) == (
        "BTCUSDT,ETHUSDT",
        "app.toml",
    )


@pytest.mark.parametrize(
    "value", ["[]", '"BTCUSDT"', "[1]", '[""]', '["@minors"]', '{ a = ["b"] }', "true"]
)
def test_what_is_no_list_of_targets_is_refused(value: str) -> None:
    """Named as the file spells it."""
    Path("app.toml").write_text(f"[lists]\nmajors = {value}\n")
    with pytest.raises(ConfigurationError, match=r"lists\.majors"):
        load_settings()
