"""What the files of the AWS command line say."""

import configparser
from collections.abc import Mapping
from pathlib import Path

from domain.errors import ConfigurationError

_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
_NEEDS_A_PROGRAM = (
    "sso_session",
    "sso_start_url",
    "role_arn",
    "credential_process",
    "login_session",
)


class AwsProfile:
    """One profile of `~/.aws/config` and `~/.aws/credentials`.

    Format: docs.aws.amazon.com/sdkref/latest/guide/file-format.html

    Args:
        environ: says which profile, and where the files are.
        home: the home folder.
    """

    def __init__(self, environ: Mapping[str, str], home: Path) -> None:
        named = environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE")
        self._name = named or "default"
        section = self._name if self._name == "default" else f"profile {self._name}"
        config = _section(environ.get("AWS_CONFIG_FILE"), home / ".aws" / "config", section)
        secret = _section(
            environ.get("AWS_SHARED_CREDENTIALS_FILE"), home / ".aws" / "credentials", self._name
        )
        if named and config is None and secret is None:
            message = (
                f"There is no AWS profile {named!r} (AWS_PROFILE) in the files of the AWS CLI."
            )
            raise ConfigurationError(message)
        self._values = {**(config or {}), **(secret or {})}

    @property
    def region(self) -> str | None:
        """The region, if the profile names one."""
        return self._values.get("region")

    @property
    def endpoint(self) -> str | None:
        """The address of the store, if the profile names one."""
        return self._values.get("endpoint_url")

    def keys(self) -> dict[str, str]:
        """The keys that stand in the profile, by the names of their settings; empty without.

        Raises:
            ConfigurationError: another program would have to be asked for them.
        """
        found = {name: self._values[name] for name in _KEYS if self._values.get(name)}
        if found:
            return found
        way = next((name for name in _NEEDS_A_PROGRAM if name in self._values), None)
        if way:
            message = (
                f"The AWS profile {self._name!r} gets its keys by {way}, which only the AWS CLI "
                f'can do: eval "$(aws configure export-credentials --profile {self._name} '
                '--format env)" puts them into the environment.'
            )
            raise ConfigurationError(message)
        return {}


def _section(given: str | None, usual: Path, name: str) -> dict[str, str] | None:
    path = Path(given).expanduser() if given else usual
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(path.read_text(encoding="utf-8"), source=str(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        message = f"{path} cannot be read: {type(error).__name__}."
        raise ConfigurationError(message) from error
    return dict(parser.items(name)) if parser.has_section(name) else None
