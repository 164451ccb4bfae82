"""Reads settings: flags over environment over `.env` over `app.toml` over defaults."""

import os
import stat
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from domain.errors import ConfigurationError
from entrypoints.settings import Settings
from entrypoints.settings_entries import Entry, Place, entries, list_entry, source_entries
from entrypoints.settings_names import CONFIG_VARIABLE, check_places, check_variables

FLAG, ENVIRONMENT, DEFAULT = "flag", "environment", "default"
DOTENV_FILE, CONFIG_FILE = ".env", "app.toml"
_LARGEST_FILE = 1_000_000  # bytes

type Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings, and where they came from.

    Attributes:
        config_file: the TOML file that was read; None if there is none.
        exposed: files that hold a key and that others than their owner can read.
    """

    settings: Settings
    origins: Mapping[Place, str]
    config_file: Path | None
    exposed: tuple[Path, ...]

    def origin(self, place: Place) -> str:
        """The layer that a setting's value comes from."""
        return self.origins.get(place, DEFAULT)


def load_settings(
    flags: Mapping[str, Any] | None = None, config: Path | None = None
) -> LoadedSettings:
    """The settings of this working directory and environment.

    Args:
        flags: top-level settings given on the command line; None values are not given.
        config: the TOML file to read in place of APP_CONFIG or `app.toml`.

    Raises:
        ConfigurationError: an unknown name, a wrong value, or a file that cannot be read.
    """
    dotenv = Path(DOTENV_FILE)
    _check_readable(dotenv)
    env_source = _translated(DOTENV_FILE, lambda: DotEnvSettingsSource(Settings, env_file=dotenv))
    check_variables(os.environ, ENVIRONMENT)
    check_variables(env_source.env_vars, DOTENV_FILE)
    named = config or os.environ.get(CONFIG_VARIABLE) or env_source.env_vars.get("app_config")
    toml = _toml_file(Path(named) if named else None)
    layers = {
        FLAG: {name: value for name, value in (flags or {}).items() if value is not None},
        ENVIRONMENT: _translated(ENVIRONMENT, EnvSettingsSource(Settings)),
        DOTENV_FILE: _translated(DOTENV_FILE, env_source),
        str(toml): _read_toml(toml) if toml else {},
    }
    layers = {layer: _by_field_name(values) for layer, values in layers.items()}
    origins: dict[Place, str] = {}
    merged: Values = {}
    for layer, values in reversed(layers.items()):
        origins |= dict.fromkeys(_places(values), layer)
        merged = _overlaid(merged, values)
    files = {dotenv: layers[DOTENV_FILE]} | ({toml: layers[str(toml)]} if toml else {})
    exposed = tuple(file for file, values in files.items() if values and _is_exposed(file, values))
    return LoadedSettings(_validated(merged, origins), origins, toml, exposed)


def isolated_settings(values: Values) -> Settings:
    """Settings of these values and defaults alone, whatever the environment and files say.

    Raises:
        ConfigurationError: a wrong value.
    """
    given = {name: value for name, value in values.items() if value is not None}
    return _validated(given, dict.fromkeys(_places(given), FLAG))


def _toml_file(named: Path | None) -> Path | None:
    if named is not None and not named.is_file():
        message = f"There is no configuration file {str(named)!r} (--config, {CONFIG_VARIABLE})."
        raise ConfigurationError(message)
    default = Path(CONFIG_FILE)
    return named or (default if default.exists() else None)


def _read_toml(file: Path) -> Values:
    _check_readable(file)
    values = _translated(str(file), lambda: tomllib.loads(file.read_text("utf-8")))
    check_places(_places(values), str(file))
    return values


def _check_readable(file: Path) -> None:
    """A missing file is fine; a folder, a foreign file or a huge one is not."""
    if not file.exists():
        return
    if file.is_dir() or not os.access(file, os.R_OK):
        message = f"{file} is not a file that can be read."
        raise ConfigurationError(message)
    if file.stat().st_size > _LARGEST_FILE:
        message = f"{file} is larger than 1 MB: that is no configuration."
        raise ConfigurationError(message)


def _translated[T](where: str, read: Callable[[], T]) -> T:
    try:
        return read()
    except UnicodeDecodeError as error:
        message = f"{where} is not UTF-8 text."
        raise ConfigurationError(message) from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = f"{where} is not valid TOML: {error}."
        raise ConfigurationError(message) from error
    except OSError as error:
        message = f"{where} cannot be read: {error.strerror}."
        raise ConfigurationError(message) from error


def _by_field_name(values: Values) -> Values:
    """Variables without our prefix come under their own name; others in `.env` are not ours."""
    names = {
        str(field.validation_alias or name): name for name, field in Settings.model_fields.items()
    }
    known = names | {name: name for name in Settings.model_fields}
    return {known[name]: value for name, value in values.items() if name in known}


def _places(values: Values, place: Place = ()) -> Iterator[Place]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _places(value, (*place, name))
        else:
            yield (*place, name)


def _overlaid(low: Values, high: Values) -> Values:
    merged = dict(low)
    for name, value in high.items():
        below = merged.get(name)
        if isinstance(value, dict) and isinstance(below, dict):
            merged[name] = _overlaid(below, value)
        else:
            merged[name] = value
    return merged


def _validated(values: Values, origins: Mapping[Place, str]) -> Settings:
    try:
        return Settings(**values)
    except ValidationError as error:
        known = {entry.place: entry for entry in entries()}
        for source in values.get("sources", {}):
            known |= {entry.place: entry for entry in source_entries(source)}
        known |= {entry.place: entry for entry in map(list_entry, values.get("lists", {}))}
        complaints = dict.fromkeys(
            _complaint(tuple(str(part) for part in each["loc"]), known, origins)
            for each in error.errors(include_input=False, include_url=False, include_context=False)
        )
        # The cause holds what was given, and that may be a key.
        raise ConfigurationError("\n".join(complaints)) from None


def _complaint(loc: Place, known: Mapping[Place, Entry], origins: Mapping[Place, str]) -> str:
    by_alias = {entry.variable: entry for entry in known.values()}
    found = by_alias.get(loc[0]) or next(
        (known[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in known), None
    )
    if found is None:
        return f"{'.'.join(loc)} cannot be set like this; `app config show` lists all settings."
    origin = origins.get(found.place, DEFAULT)
    spelled = found.variable if origin in (ENVIRONMENT, DOTENV_FILE) else found.name
    if origin == FLAG:
        spelled = "--" + found.name.replace("_", "-")
    return f"{spelled} ({origin}) is not {found.expects}."


def _is_exposed(file: Path, values: Values) -> bool:
    secret = {entry.place for entry in entries() if entry.secret}
    holds_key = any(place in secret and _value(values, place) for place in _places(values))
    return holds_key and os.name == "posix" and bool(stat.S_IMODE(file.stat().st_mode) & 0o077)


def _value(values: Values, place: Place) -> Any:
    found: Any = values
    for name in place:
        found = found[name]
    return found
