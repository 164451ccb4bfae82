"""Finds names that no setting has, and says which was probably meant."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from domain.errors import ConfigurationError
from entrypoints.settings_entries import Place, entries, list_entry, source_entries

CONFIG_VARIABLE = "APP_CONFIG"
_SOURCE_VARIABLE = re.compile(r"APP_SOURCES__([A-Z0-9]+(?:_[A-Z0-9]+)*)__[A-Z_]+")


def check_variables(names: Iterable[str], where: str) -> None:
    """Every variable that begins with APP_ must be one of ours.

    Raises:
        ConfigurationError: with a suggestion.
    """
    known = [CONFIG_VARIABLE, *(entry.variable for entry in entries())]
    for name in sorted(each.upper() for each in names):
        if not name.startswith("APP_") or name in known:
            continue
        match = _SOURCE_VARIABLE.fullmatch(name)
        own = [each.variable for each in source_entries(match[1].lower())] if match else []
        if name not in own:
            raise _unknown(name, where, [*known, *own])


def check_places(places: Iterable[Place], where: str) -> None:
    """Every member of a TOML file must be one of ours, or a group of them.

    Raises:
        ConfigurationError: with a suggestion.
    """
    known = [entry.name for entry in entries()]
    for place in places:
        name = ".".join(place)
        of_source = place[0] == "sources" and len(place) > 1
        own = [each.name for each in source_entries(place[1])] if of_source else []
        if place[0] == "lists" and len(place) == len(list_entry("").place):
            own = [list_entry(place[1]).name]
        names = [*known, *own]
        if name not in names and not any(each.startswith(f"{name}.") for each in names):
            raise _unknown(name, where, names)


def _unknown(name: str, where: str, known: Iterable[str]) -> ConfigurationError:
    nearest = get_close_matches(name, list(known), n=1)
    guess = f"Did you mean {nearest[0]}?" if nearest else "`app config show` lists all settings."
    return ConfigurationError(f"There is no setting {name[:80]!r} ({where}). {guess}")
