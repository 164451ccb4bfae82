"""The files that `app init` writes, made from the settings themselves."""

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from entrypoints.settings import STATE_FOLDER, Settings
from entrypoints.settings_entries import Entry, entries

_EXAMPLES = {
    "log_level": "info",
    "log_file": "logs/project.log",
    "state_dir": f"~/.local/state/{STATE_FOLDER}",
    "http.contact": "you@example.org",
    "cache.max_bytes": "2GiB",
}
_HEAD = """\
# Settings of this project. A line without its # takes effect.
# Flags, environment variables and .env win over this file; `app config show` tells what holds.
# Keys belong into .env, which stays out of version control.
"""
_SOURCE = """
# A source's own address can be replaced, for a mirror or `app sandbox`:
# [sources.opensea]
# base_url = "http://127.0.0.1:8765"

# Targets by one name: `app ingest crypto @majors`
# [lists]
# majors = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
"""
_DOTENV_HEAD = """\
# Keys and addresses that hold passwords. An empty one counts as not set.
# This file stays out of version control, and with you: chmod 600 .env
"""


def config_template() -> str:
    """`app.toml` with every setting but the secret ones, commented out with its default."""
    open_entries = [entry for entry in entries() if not entry.secret]
    ordered = sorted(open_entries, key=lambda entry: entry.place[:-1])
    groups = groupby(ordered, key=lambda entry: entry.place[:-1])
    return _HEAD + "".join(_group(place, list(own)) for place, own in groups) + _SOURCE


def dotenv_template() -> str:
    """`.env` with the secret settings, empty."""
    lines = [f"\n# {entry.meaning}\n{entry.variable}=\n" for entry in entries() if entry.secret]
    return _DOTENV_HEAD + "".join(lines)


def _group(place: tuple[str, ...], own: list[Entry]) -> str:
    header = f"\n[{'.'.join(place)}]\n" if place else ""
    return header + "".join(_lines(own))


def _lines(own: list[Entry]) -> Iterator[str]:
    defaults = Settings.model_construct()
    for entry in own:
        value = _EXAMPLES.get(entry.name, entry.value(defaults))
        if isinstance(value, Path | tuple):
            value = str(value) if isinstance(value, Path) else list(value)
        yield f"\n# {entry.meaning}\n# {entry.place[-1]} = {json.dumps(value)}\n"
