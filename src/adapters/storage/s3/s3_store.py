"""The connection to an object store, set up as other tools are."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from obstore.store import ObjectStore, S3Store

from adapters.storage.s3.aws_profile import AwsProfile
from domain.bucket_address import BucketAddress
from domain.errors import ConfigurationError

_CONNECT = timedelta(seconds=5)
_SILENCE = timedelta(seconds=20)
_REQUEST = timedelta(minutes=10)  # a whole body, as long as bytes keep coming
_RETRIES = 4
_RETRYING = timedelta(seconds=60)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_NAMES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_OTHER_WAYS = (
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_log = structlog.get_logger()


def s3_store(address: BucketAddress, environ: Mapping[str, str], home: Path) -> ObjectStore:
    """A client for the keys below the address. Connects on first use.

    Keys come from the environment, a profile, a web identity token, or the metadata service of
    the machine, in this order. Every write carries a SHA-256 that the store checks.

    Raises:
        ConfigurationError: settings that contradict each other or are not there.
    """
    profile = AwsProfile(environ, home)
    endpoint = (
        environ.get("AWS_ENDPOINT_URL_S3") or environ.get("AWS_ENDPOINT_URL") or profile.endpoint
    )
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or profile.region
    config: dict[str, str] = {"aws_checksum_algorithm": "SHA256", **_keys(environ, profile)}
    if endpoint:
        config["aws_endpoint"] = _checked(endpoint)
    if region:
        config["aws_region"] = region
    try:
        return S3Store(
            address.bucket,
            prefix=address.prefix or None,
            config=config,  # type: ignore[arg-type]  # the stubs list the keys of a TypedDict
            client_options={
                "allow_http": bool(endpoint) and urlsplit(endpoint or "").scheme == "http",
                "connect_timeout": _CONNECT,
                "read_timeout": _SILENCE,
                "timeout": _REQUEST,
            },
            retry_config={"max_retries": _RETRIES, "retry_timeout": _RETRYING},
        )
    except Exception as error:
        message = f"{address} cannot be used with the AWS settings that are set. See `app doctor`."
        raise ConfigurationError(message) from error


def _keys(environ: Mapping[str, str], profile: AwsProfile) -> dict[str, str]:
    """Of the environment, else of the profile; empty where the machine has to be asked for them."""
    found = {name: environ[name] for name in _NAMES if environ.get(name)}
    halves = [name for name in _NAMES[:2] if name in found]
    if len(halves) == 1:
        message = f"{halves[0]} is set and its other half is not."
        raise ConfigurationError(message)
    if halves:
        return {name.lower(): value for name, value in found.items()}
    return {} if any(environ.get(name) for name in _OTHER_WAYS) else profile.keys()


def _checked(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        message = "AWS_ENDPOINT_URL must be an address as https://host:port, without a user name."
        raise ConfigurationError(message)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        _log.warning("s3.endpoint_unencrypted", host=parts.hostname)
    return endpoint
