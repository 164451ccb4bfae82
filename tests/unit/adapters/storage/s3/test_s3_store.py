"""Settings of the connection."""

from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from adapters.storage.s3.s3_store import s3_store
from domain.bucket_address import BucketAddress
from domain.errors import ConfigurationError

ADDRESS = BucketAddress("bucket", "some/prefix")
KEYS = {"AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "t"}


def made(home: Path, **environ: str) -> Any:
    return cast("Any", s3_store(ADDRESS, environ, home))


def test_the_environment_decides(tmp_path: Path) -> None:
    """Keys, region and the address of the store."""
    store = made(
        tmp_path,
        **KEYS,
        AWS_DEFAULT_REGION="eu-west-1",
        AWS_REGION="eu-north-1",
        AWS_ENDPOINT_URL="https://one.test",
        AWS_ENDPOINT_URL_S3="https://two.test",
    )

    assert store.prefix == "some/prefix"
    assert store.config["bucket"] == "bucket"
    assert store.config["region"] == "eu-north-1"
    assert store.config["endpoint"] == "https://two.test"
    assert store.config["session_token"] == "t"
    assert store.client_options["allow_http"] == "false"


def test_a_profile_fills_what_the_environment_lacks(tmp_path: Path) -> None:
    """But keys are never mixed."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "credentials").write_text(
        "[default]\naws_access_key_id = P\naws_secret_access_key = q\nregion = eu-west-1\n"
    )

    assert made(tmp_path).config["access_key_id"] == "P"
    store = made(tmp_path, AWS_ACCESS_KEY_ID="A", AWS_SECRET_ACCESS_KEY="b")
    assert (store.config["access_key_id"], store.config["region"]) == ("A", "eu-west-1")
    assert "session_token" not in store.config
    assert "access_key_id" not in made(tmp_path, AWS_WEB_IDENTITY_TOKEN_FILE="f").config


def test_half_a_key_is_refused(tmp_path: Path) -> None:
    """Before anybody is asked."""
    with pytest.raises(ConfigurationError, match="AWS_SECRET_ACCESS_KEY is set and its other"):
        made(tmp_path, AWS_SECRET_ACCESS_KEY="b")


@pytest.mark.parametrize("endpoint", ["ftp://x", "store.test", "https://user:secret@x", "https://"])
def test_an_endpoint_that_is_no_address_is_refused(tmp_path: Path, endpoint: str) -> None:
    """Without repeating it."""
    with pytest.raises(ConfigurationError, match="AWS_ENDPOINT_URL must be") as told:
        made(tmp_path, **KEYS, AWS_ENDPOINT_URL=endpoint)

    assert "secret" not in str(told.value)


@pytest.mark.parametrize(("host", "warned"), [("store.test", True), ("127.0.0.1:9000", False)])
def test_http_is_allowed_where_it_is_asked_for(tmp_path: Path, host: str, warned: bool) -> None:
    """With a warning unless it stays on the machine."""
    with capture_logs() as logs:
        store = made(tmp_path, **KEYS, AWS_ENDPOINT_URL=f"http://{host}")

    assert store.client_options["allow_http"] == "true"
    assert bool(logs) is warned
