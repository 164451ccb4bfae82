"""What an operator can set, with defaults; `settings_layers` reads the values from outside."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, BeforeValidator, ByteSize, ConfigDict, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from domain.bucket_address import SCHEME, BucketAddress
from domain.errors import ConfigurationError

STATE_FOLDER = "automated-data-pipeline"
_S3 = f"{SCHEME}://"
_GROUP = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _folder_or_file(value: Any) -> Any:
    """Paths: `~` is the home folder; an address is not a path."""
    if not isinstance(value, str | os.PathLike):
        return value
    text = os.fspath(value)
    if not text or "\0" in text or "://" in text:
        raise ValueError
    return Path(text).expanduser()


def _folder_or_bucket(value: Any) -> Any:
    text = os.fspath(value) if isinstance(value, str | os.PathLike) else ""
    return BucketAddress.parse(text) if text.startswith(_S3) else _folder_or_file(value)


def _base_url(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    parts = urlsplit(value)
    fits = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    if not fits or parts.username is not None or parts.query or parts.fragment:
        raise ValueError
    return value.rstrip("/")


def _listed(value: Any) -> Any:
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list | tuple):
        return value
    return tuple(each.strip() for each in value if str(each).strip())


def _targets(value: Any) -> Any:
    """At least one; a list holds targets, not lists."""
    if not isinstance(value, list | tuple) or not value:
        raise ValueError
    if not all(isinstance(each, str) and each.strip() and each[0] != "@" for each in value):
        raise ValueError
    return tuple(dict.fromkeys(each.strip() for each in value))


def _header_text(value: Any) -> Any:
    if isinstance(value, str) and not (value.isascii() and value.isprintable()):
        raise ValueError
    return value or None


def _secret(value: Any) -> Any:
    if isinstance(value, str) and value and not value.isprintable():
        raise ValueError
    return None if value == "" else value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _state_dir() -> Path:
    """XDG Base Directory Specification: a relative XDG_STATE_HOME is ignored."""
    base = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not base.is_absolute():
        try:
            base = Path.home() / ".local" / "state"
        except RuntimeError as error:
            message = "There is no home folder: set APP_STATE_DIR to a folder."
            raise ConfigurationError(message) from error
    return base / STATE_FOLDER


type FilePath = Annotated[Path, BeforeValidator(_folder_or_file)]
type DataDir = Annotated[Path | BucketAddress, BeforeValidator(_folder_or_bucket)]
type Secret = Annotated[SecretStr | None, BeforeValidator(_secret)]
type WatchList = Annotated[tuple[str, ...], BeforeValidator(_targets)]
type LogLevel = Literal["debug", "info", "warning", "error"]


def _setting(default: Any, meaning: str, expects: str, **rules: Any) -> Any:
    """A field with its meaning for `app config show`, and what a wrong value is told."""
    extra: dict[str, Any] = {"expects": expects}
    return Field(default, description=meaning, json_schema_extra=extra, **rules)


def _key(meaning: str, expects: str, variable: str) -> Any:
    """A secret field; its variable is the one that other tools know, without our prefix."""
    extra: dict[str, Any] = {"expects": expects, "secret": True}
    return Field(None, description=meaning, json_schema_extra=extra, validation_alias=variable)


class OpenSeaSettings(BaseModel):
    """How keys of OpenSea are come by."""

    model_config = _GROUP

    auto_key: bool = _setting(
        True, "ask OpenSea for an instant key when OPENSEA_API_KEY is not set", "true or false"
    )


class SourceSettings(BaseModel):
    """What can be set for each source."""

    model_config = _GROUP

    base_url: Annotated[str, BeforeValidator(_base_url)] = _setting(
        ...,
        "where the source's requests go, in place of its own address",
        "an address as https://host/path, without user name and query",
    )


class HttpGroup(BaseModel):
    """How upstreams are asked."""

    model_config = _GROUP

    concurrency: int = _setting(
        64, "most requests in flight over all hosts", "a whole number from 1 to 1024", ge=1, le=1024
    )
    allow_private: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)] = _setting(
        (),
        "hosts, networks or host:port that addresses found in data may reach although private",
        "a comma list such as 10.0.0.0/8,localhost:8080",
    )
    timeout: float = _setting(
        30.0, "seconds for one request with its body", "seconds from 0.1 to 3600", ge=0.1, le=3600
    )
    contact: Annotated[str | None, BeforeValidator(_header_text)] = _setting(
        None,
        "an address at which upstreams reach you; goes into the User-Agent",
        "at most 200 printable ASCII characters",
        max_length=200,
    )


class CacheGroup(BaseModel):
    """What the embedded cache may take."""

    model_config = _GROUP

    max_bytes: ByteSize = _setting(
        ByteSize(2 * 1024**3),
        "most bytes of the embedded HTTP cache (Redis has its own limit)",
        "a size of at least 1 MB, such as 500MB or 2GiB",
        ge=1_000_000,
    )


class S3Group(BaseModel):
    """What a data folder in object storage takes on this machine."""

    model_config = _GROUP

    max_bytes: ByteSize = _setting(
        ByteSize(10 * 1024**3),
        "most bytes of lake files that are kept on this machine when APP_DATA_DIR is s3://",
        "a size of at least 1 MB, such as 500MB or 20GiB",
        ge=1_000_000,
    )


class Settings(BaseSettings):
    """All settings. Made directly it holds what it is given and reads nothing from outside."""

    model_config = SettingsConfigDict(
        env_prefix="APP_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        env_file_encoding="utf-8",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    data_dir: DataDir = _setting(
        Path("output"),
        "where published data, the catalog and the embedded cache live",
        "a folder, or a bucket and a prefix as s3://bucket/prefix",
    )
    redis_url: Secret = _key(
        "a Redis for the HTTP cache and for limits that processes share; else an embedded store",
        "an address as redis://host:6379/0",
        "REDIS_URL",
    )
    opensea_api_key: Secret = _key(
        "key of OpenSea (https://opensea.io/settings/developer)", "a key", "OPENSEA_API_KEY"
    )
    tiingo_api_key: Secret = _key(
        "key of Tiingo (https://www.tiingo.com/account/api/token)", "a key", "TIINGO_API_KEY"
    )
    github_token: Secret = _key(
        "token of GitHub (https://github.com/settings/tokens)", "a token", "GITHUB_TOKEN"
    )
    opensea: OpenSeaSettings = OpenSeaSettings()
    sources_dir: FilePath = _setting(
        Path("sources"),
        "where the project's own declared sources and their recordings lie",
        "a folder",
    )
    sources: dict[str, SourceSettings] = Field(default_factory=dict)
    lists: dict[str, WatchList] = Field(default_factory=dict)
    http: HttpGroup = HttpGroup()
    cache: CacheGroup = CacheGroup()
    s3: S3Group = S3Group()
    log_level: Annotated[LogLevel | None, BeforeValidator(_lower)] = _setting(
        None,
        "least level shown; unset: warning on a terminal, info elsewhere and in the file",
        "debug, info, warning or error",
    )
    log_file: FilePath | None = _setting(
        None, "a file that gets the log as JSON lines, with rotation", "a file name"
    )
    state_dir: FilePath = Field(
        default_factory=_state_dir,
        description="where instant keys are kept, and what stands in for a bucket",
        json_schema_extra={"expects": "a folder"},
    )

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # all are passed by name
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic-settings passes it by name
        init_settings: PydanticBaseSettingsSource,
        **_others: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: the layers are read, merged and traced by `settings_layers`."""
        return (init_settings,)

    @property
    def working_dir(self) -> Path:
        """What is written on this machine: the data folder, or what stands in for a bucket."""
        if isinstance(self.data_dir, BucketAddress):
            return self.state_dir / "s3" / self.data_dir.folder_name
        return self.data_dir

    @property
    def keys(self) -> Mapping[str, str]:
        """Variable name to key, for the keys that are set."""
        values = {
            "OPENSEA_API_KEY": self.opensea_api_key,
            "TIINGO_API_KEY": self.tiingo_api_key,
            "GITHUB_TOKEN": self.github_token,
        }
        return {name: value.get_secret_value() for name, value in values.items() if value}

    @property
    def secrets(self) -> frozenset[str]:
        """Every text that must never be shown or written."""
        found = set(self.keys.values())
        if self.redis_url:
            password = _password(self.redis_url.get_secret_value())
            found |= {password, unquote(password)}
        return frozenset(found - {""})


def _password(url: str) -> str:
    """What stands between the first colon after the scheme and the last @ of the authority."""
    match = re.match(r"[^/]*//([^/?#]*)@", url)
    return match[1].partition(":")[2] if match else ""
