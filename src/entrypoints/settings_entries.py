"""The single settings as `app config show` lists them, derived from the model."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from entrypoints.redaction import Redactor, hint
from entrypoints.settings import Settings, SourceSettings

type Place = tuple[str, ...]
"""Where a setting stands: group names, then its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting.

    Attributes:
        variable: its environment variable.
        expects: what a right value is, in words.
        secret: its value must not be shown.
    """

    place: Place
    variable: str
    meaning: str
    expects: str
    secret: bool = False

    @property
    def name(self) -> str:
        """As `app.toml` spells it, with a dot after each group."""
        return ".".join(self.place)

    def value(self, settings: Settings) -> Any:
        """Its value; None where a source has no settings."""
        found: Any = settings
        for name in self.place:
            found = found.get(name) if isinstance(found, dict) else getattr(found, name, None)
        return found

    def shown(self, settings: Settings) -> str | None:
        """Its value as it may be shown; None when it is not set."""
        value = self.value(settings)
        match value:
            case None:
                return None
            case SecretStr():
                secret = value.get_secret_value()
                return Redactor().text(secret) if "://" in secret else hint(secret)
            case bool():
                return str(value).lower()
            case tuple():
                return ",".join(value)
            case _:
                return str(value)


def entries(settings: Settings | None = None) -> list[Entry]:
    """All settings in the model's order; single sources and lists only where `settings` has any."""
    return list(_walk(Settings, (), settings))


def source_entries(source: str) -> list[Entry]:
    """What can be set for one source."""
    return list(_walk(SourceSettings, ("sources", source), None))


def list_entry(name: str) -> Entry:
    """One watch list; it has no variable, and stands in `app.toml` alone."""
    return Entry(
        ("lists", name),
        "",
        f"what @{name} stands for as a target of `app ingest`",
        'a list of targets such as ["BTCUSDT", "ETHUSDT"]',
    )


def _walk(model: type[BaseModel], place: Place, settings: Settings | None) -> Iterator[Entry]:
    for name, field in model.model_fields.items():
        here = (*place, name)
        if here == ("sources",):
            for source in settings.sources if settings else ():
                yield from source_entries(source)
        elif here == ("lists",):
            yield from map(list_entry, settings.lists if settings else ())
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _walk(field.annotation, here, None)
        else:
            yield _entry(here, field)


def _entry(place: Place, field: FieldInfo) -> Entry:
    extra = cast("dict[str, Any]", field.json_schema_extra)
    return Entry(
        place,
        str(field.validation_alias or f"APP_{'__'.join(place).upper()}"),
        field.description or "",
        extra["expects"],
        extra.get("secret", False),
    )
