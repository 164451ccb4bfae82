"""Sources are found in the package they come in."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.registry.package_source_registry import PackageSourceRegistry
from adapters.sources.declared.declaration import read_declaration
from application.ports.source_registry import BUILT_IN, SourceRegistry
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


def _write_of_domain(package: Path, module: str, domain: str) -> None:
    (package / f"{module}.py").write_text(
        "from dataclasses import replace\n"
        "from tests.fakes.sample_source import SAMPLE\n"
        "SOURCE = replace(\n"
        "    SAMPLE,\n"
        f"    name={module!r},\n"
        f'    domain="{domain}",\n'
        ")\n"
    )


def test_sources_that_are_not_meant_are_not_loaded(package: Path) -> None:
    """Their files say of which domain they are; a source is still found by its name alone."""
    _write_of_domain(package, "good", "test")
    _write_of_domain(package, "other", "elsewhere")
    registry = PackageSourceRegistry(PACKAGE)

    assert registry.get("test").name == "good"
    assert registry.origin("good") == BUILT_IN
    assert f"{PACKAGE}.other" not in sys.modules
    assert [source.name for source in registry.all()] == ["other", "good"]


def test_what_a_file_seems_to_say_decides_nothing(package: Path) -> None:
    """A source of another domain than its text names is found when no other one is."""
    _write_of_domain(package, "good", "elsewhere")
    with (package / "good.py").open("a") as file:
        file.write('SOURCE = replace(SOURCE, domain="te" + "st")\n')

    assert PackageSourceRegistry(PACKAGE).get("test", "good").domain == "test"


def test_files_tell_the_domains_of_all_sources_of_the_program() -> None:
    """Each is found without the others, and is the same as among all."""
    everything = PackageSourceRegistry(read=read_declaration)

    for source in everything.all():
        registry = PackageSourceRegistry(read=read_declaration)
        assert registry.get(source.domain).name == everything.get(source.domain).name
        assert registry.get(source.domain, source.name).name == source.name


def test_a_run_of_one_domain_loads_no_other_source() -> None:
    """Neither their modules nor their declarations, nor those that could only come after it."""
    script = (
        "import sys\n"
        "from adapters.registry.package_source_registry import PackageSourceRegistry\n"
        "def read(text, file): raise AssertionError(file)\n"
        "for keys in ((), ('OPENSEA_API_KEY',)):\n"
        "    for name in ('opensea', None):\n"
        "        PackageSourceRegistry(keys=keys, read=read).get('nft', name)\n"
        "known = ('binance', 'weather', 'stocks', 'declared', 'opensea_events', 'opensea_stats')\n"
        "print([name for name in known if f'adapters.sources.{name}' in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=50
    )

    assert done.stdout.strip() == "[]"
