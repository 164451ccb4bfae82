"""Profiles of the AWS command line."""

from pathlib import Path

import pytest

from adapters.storage.s3.aws_profile import AwsProfile
from domain.errors import ConfigurationError

KEYS = "aws_access_key_id = A\naws_secret_access_key = b%c\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".aws").mkdir()
    return tmp_path


def write(home: Path, config: str = "", credentials: str = "") -> None:
    (home / ".aws" / "config").write_text(config)
    (home / ".aws" / "credentials").write_text(credentials)


def test_without_files_there_is_nothing(tmp_path: Path) -> None:
    """And nobody complains, unless a profile was asked for."""
    profile = AwsProfile({}, tmp_path)

    assert (profile.region, profile.endpoint, profile.keys()) == (None, None, {})
    with pytest.raises(ConfigurationError, match="no AWS profile 'lake'"):
        AwsProfile({"AWS_PROFILE": "lake"}, tmp_path)


def test_both_files_count_and_the_credentials_win(home: Path) -> None:
    """`[profile name]` in one, `[name]` in the other."""
    write(
        home,
        "[default]\nregion = eu-west-1\n[profile lake]\nregion = eu-north-1\n"
        "endpoint_url = https://store.test\ns3 =\n  max_concurrent_requests = 20\n"
        "aws_access_key_id = old\n",
        f"[default]\n{KEYS}[lake]\n{KEYS}aws_session_token = t\n",
    )

    lake, usual = AwsProfile({"AWS_PROFILE": "lake"}, home), AwsProfile({}, home)

    assert (lake.region, lake.endpoint) == ("eu-north-1", "https://store.test")
    assert lake.keys() == {
        "aws_access_key_id": "A",
        "aws_secret_access_key": "b%c",
        "aws_session_token": "t",
    }
    assert (usual.region, usual.endpoint) == ("eu-west-1", None)


def test_the_files_may_be_elsewhere(tmp_path: Path) -> None:
    """As the environment says."""
    config, secret = tmp_path / "c", tmp_path / "s"
    config.write_text("[default]\nregion = eu-west-1\n")
    secret.write_text(f"[default]\n{KEYS}")
    environ = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(secret)}

    profile = AwsProfile(environ, tmp_path / "nowhere")

    assert profile.region == "eu-west-1"
    assert profile.keys()["aws_access_key_id"] == "A"


@pytest.mark.parametrize("way", ["sso_session", "role_arn", "credential_process"])
def test_keys_that_a_program_gives_are_told_how_to_get(home: Path, way: str) -> None:
    """The command is in the message."""
    write(home, f"[default]\n{way} = something\n")

    with pytest.raises(ConfigurationError, match=f"by {way}.*export-credentials"):
        AwsProfile({}, home).keys()


@pytest.mark.parametrize("content", [b"[default\n", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(home: Path, content: bytes) -> None:
    """And none of it is shown: it holds keys."""
    (home / ".aws" / "credentials").write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"credentials cannot be read: [A-Za-z]+Error"):
        AwsProfile({}, home)
