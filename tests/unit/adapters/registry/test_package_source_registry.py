"""Sources are found in the package they come in."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.registry.package_source_registry import PackageSourceRegistry
from application.ports.source_registry import SourceRegistry
from domain.errors import ConfigurationError
from tests.contracts.source_registry_contract import SAMPLES, SourceRegistryContract
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE

PACKAGE = "sources_of_a_test"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty package on the import path."""
    folder = tmp_path / PACKAGE
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def _write(package: Path, module: str, name: str, domain: str = "test") -> None:
    (package / f"{module}.py").write_text(
        "from dataclasses import replace\n"
        "from tests.fakes.sample_source import SAMPLE\n"
        f"SOURCE = replace(SAMPLE, name={name!r}, domain={domain!r})\n"
    )


class TestPackageSourceRegistry(SourceRegistryContract):
    @pytest.fixture
    def registry(self, package: Path) -> SourceRegistry:
        for source in SAMPLES:
            _write(package, source.name, source.name, source.domain)
        return PackageSourceRegistry(PACKAGE)


class TestFakeSourceRegistry(SourceRegistryContract):
    @pytest.fixture
    def registry(self) -> SourceRegistry:
        return FakeSourceRegistry(*SAMPLES)


def test_helpers_are_not_sources(package: Path) -> None:
    """Sub-packages, underscored modules and modules without SOURCE are passed over."""
    _write(package, "good", "good")
    _write(package, "_hidden", "hidden")
    (package / "helper.py").write_text("SIZE = 1\n")
    (package / "helpers").mkdir()
    (package / "helpers" / "__init__.py").write_text("SOURCE = None\n")
    assert [source.name for source in PackageSourceRegistry(PACKAGE).all()] == ["good"]


def test_a_source_is_named_after_its_module(package: Path) -> None:
    """A name that does not match is refused, and the message names both."""
    _write(package, "kraken", "binance")
    with pytest.raises(ConfigurationError, match=r"sources_of_a_test\.kraken.*'binance'.*'kraken'"):
        PackageSourceRegistry(PACKAGE).all()


def test_a_source_is_a_source(package: Path) -> None:
    """SOURCE of another type is refused."""
    (package / "odd.py").write_text("SOURCE = 'odd'\n")
    with pytest.raises(ConfigurationError, match=r"odd is not a Source"):
        PackageSourceRegistry(PACKAGE).get("test")


def test_nothing_is_imported_before_the_first_question(package: Path) -> None:
    """A registry costs nothing until it is asked."""
    _write(package, "good", "good")
    PackageSourceRegistry(PACKAGE)
    assert f"{PACKAGE}.good" not in sys.modules


def test_a_file_that_is_no_text_is_named(package: Path) -> None:
    """Among many files the one that cannot be read is not easy to find."""
    (package / "odd.toml").write_bytes(b"\xff\xfe")
    registry = PackageSourceRegistry(PACKAGE, read=lambda _text, _file: SAMPLE, project=package)
    with pytest.raises(ConfigurationError, match=r"odd\.toml cannot be read"):
        registry.all()


def test_the_program_comes_with_the_nft_source() -> None:
    """The domain's default source is OpenSea."""
    assert PackageSourceRegistry().get("nft").name == "opensea"


def test_a_fake_fails_when_told_to() -> None:
    """So that use cases can be shown a registry that is broken."""
    registry = FakeSourceRegistry(replace(SAMPLE, name="sample"))
    registry.fails_with = ConfigurationError("broken")
    with pytest.raises(ConfigurationError, match="broken"):
        registry.get("test")
    assert registry.calls == 1
