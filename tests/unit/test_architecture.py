"""The walls hold, every provider builds, and nothing foreign stands under src."""

import subprocess
import sys
from pathlib import Path

import pytest
from dependency_injector import providers

import adapters
import application
import domain
import entrypoints
from entrypoints.container import Container
from entrypoints.settings import Settings

ROOT = Path(__file__).parents[2]
PACKAGES = {"domain", "application", "adapters", "entrypoints"}


def test_src_holds_exactly_the_four_packages() -> None:
    """A fifth top-level package would not be shipped."""
    found = {path.name for path in (ROOT / "src").iterdir() if path.name != "__pycache__"}

    assert found == PACKAGES


@pytest.mark.parametrize("package", [domain, application, adapters, entrypoints])
def test_packages_are_this_projects_own(package: object) -> None:
    """Another distribution with the same generic name would shadow ours."""
    location = Path(str(package.__file__))  # type: ignore[attr-defined]  # modules have one

    assert location.is_relative_to(ROOT / "src")


def test_import_walls_hold() -> None:
    """import-linter knows every wall of the design."""
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout


def test_every_provider_builds(tmp_path: Path) -> None:
    """Keyword arguments of providers are not type-checked: build each once."""
    settings = Settings(data_dir=tmp_path / "output", state_dir=tmp_path / "state")
    container = Container(settings=providers.Object(settings))
    container.check_dependencies()

    for name, provider in container.providers.items():
        assert provider() is not None, name


def test_every_module_says_what_it_is() -> None:
    """The first statement of each module under src is its docstring."""
    silent = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*.py")
        if not path.read_text().lstrip().startswith(('"""', "'''", 'r"""'))
    ]

    assert silent == []


def test_rooms_stay_small() -> None:
    """Most modules fit on two screens, and none becomes a maze."""
    lengths = sorted(len(path.read_text().splitlines()) for path in (ROOT / "src").rglob("*.py"))

    assert lengths[len(lengths) // 2] <= 100
    assert lengths[-1] <= 400
