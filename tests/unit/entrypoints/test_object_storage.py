"""The container over a data folder in object storage."""

import subprocess
import sys
from pathlib import Path

import pytest
from dependency_injector import providers

from domain.bucket_address import BucketAddress
from domain.errors import ConfigurationError
from entrypoints import storage_parts as storage_module
from entrypoints.container import Container
from entrypoints.settings import Settings

ADDRESS = "s3://some-bucket/some/prefix"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "A")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("HOME", str(tmp_path))
    return Settings.model_validate({"data_dir": ADDRESS, "state_dir": tmp_path / "state"})


def test_every_provider_builds(settings: Settings) -> None:
    """But that of the command that needs a disk, which says so."""
    container = Container(settings=providers.Object(settings))
    refused = {}
    for name, provider in container.providers.items():
        if name.endswith("_exporter"):  # made for a place that a command names
            continue
        try:
            provider()
        except ConfigurationError as error:
            refused[name] = str(error)

    assert set(refused) == {"prune_catalog"}
    assert ADDRESS in refused["prune_catalog"]
    assert not settings.state_dir.exists()


def test_all_that_is_written_here_has_one_place(settings: Settings) -> None:
    """Below the state folder, a folder an address."""
    assert settings.data_dir == BucketAddress("some-bucket", "some/prefix")
    assert settings.working_dir.is_relative_to(settings.state_dir / "s3")
    assert Settings(data_dir=Path("x")).working_dir == Path("x")


def test_a_client_that_is_not_installed_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what to type."""
    monkeypatch.setattr(storage_module, "find_spec", lambda name: None)

    with pytest.raises(ConfigurationError, match=r"pip install .*\[s3\]"):
        Container(settings=providers.Object(settings)).manifests()


def test_a_folder_on_a_disk_loads_nothing_of_it(tmp_path: Path) -> None:
    """Nobody pays for what he does not use."""
    code = (
        "import sys\n"
        "from entrypoints.cli import main\n"
        "sys.argv = ['app', 'datasets']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "sys.exit('obstore' in sys.modules or 'adapters.storage.s3' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        check=False,
        timeout=50,
    )

    assert done.returncode == 0, done.stderr.decode()
