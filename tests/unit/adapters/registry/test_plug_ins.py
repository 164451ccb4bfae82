"""Sources of other packages, by their entry points."""

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.registry.package_source_registry import PackageSourceRegistry
from adapters.registry.plug_ins import plug_ins
from domain.errors import ConfigurationError

MODULE = "plug_in_of_a_test"
_HEAD = "from dataclasses import replace\nfrom tests.fakes.sample_source import SAMPLE\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of a module on the import path."""
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / f"{MODULE}.py"
    sys.modules.pop(MODULE, None)


def _point(name: str, attribute: str = "SOURCE") -> EntryPoint:
    return EntryPoint(name, f"{MODULE}:{attribute}", "app.sources")


def _registry(*points: EntryPoint) -> PackageSourceRegistry:
    return PackageSourceRegistry(entry_points=lambda: points)


def test_a_source_or_a_function_that_makes_one(module: Path) -> None:
    """Both are found by name and by domain."""
    module.write_text(
        f"{_HEAD}SOURCE = replace(SAMPLE, name='harbours', domain='ships')\n"
        "def made():\n    return replace(SAMPLE, name='tides', domain='ships')\n"
    )
    registry = _registry(_point("tides", "made"), _point("harbours"))

    assert [each.name for each in registry.all() if each.domain == "ships"] == ["harbours", "tides"]
    assert registry.get("ships").name == "harbours"
    assert registry.get("ships", "tides").name == "tides"
    assert registry.origin("tides") == f"{MODULE}:made"


def test_no_default_changes(module: Path) -> None:
    """A plug-in comes after the built-in sources of its domain, whatever its name."""
    module.write_text(f"{_HEAD}SOURCE = replace(SAMPLE, name='aardvark', domain='nft')\n")
    registry = _registry(_point("aardvark"))

    assert registry.get("nft").name == "opensea"
    assert registry.get("nft", "aardvark").domain == "nft"


def test_none_carries_pages_over(module: Path) -> None:
    """A package may change without the program noticing."""
    module.write_text(f"{_HEAD}SOURCE = replace(SAMPLE, name='tides', carries_pages=True)\n")
    registry = _registry(_point("tides"))

    assert not registry.get("test", "tides").carries_pages
    assert registry.get("nft").carries_pages


def test_it_is_not_loaded_for_what_is_built_in(module: Path) -> None:
    """A run of a built-in source costs no look at what is installed."""
    module.write_text("raise AssertionError\n")
    registry = PackageSourceRegistry(entry_points=lambda: pytest.fail("nobody asked for plug-ins"))

    assert registry.get("nft", "opensea").name == "opensea"
    assert registry.origin("opensea") == "built-in"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import no_such_module_at_all", "No module named 'no_such_module_at_all'"),
        ("raise SystemError('broken')", "SystemError: broken"),
        ("SOURCE = 5", "is a int, not a domain.sources.Source"),
        ("", "has no attribute 'SOURCE'"),
        (f"{_HEAD}SOURCE = replace(SAMPLE, name='other')", "names its source 'other'"),
        (f"{_HEAD}SOURCE = replace(SAMPLE, name='harbours', domain='a b')", "domain 'a b'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("def SOURCE():\n    raise ValueError('no tide')", "ValueError: no tide"),
    ],
)
def test_one_that_cannot_be_used_is_named_and_passed_over(
    module: Path, text: str, told: str
) -> None:
    """A warning says why; the built-in sources are all there."""
    module.write_text(f"{text}\n")
    with capture_logs() as logs:
        registry = _registry(_point("harbours"))
        found = [each.name for each in registry.all()]
        with pytest.raises(ConfigurationError, match=f"plug-in {MODULE}:SOURCE: "):
            registry.get("nft", "harbours")
        with pytest.raises(ConfigurationError, match=f"plug-in {MODULE}:SOURCE: "):
            registry.get("harbours")

    assert "harbours" not in found
    assert "opensea" in found
    (warning,) = logs
    assert warning["event"] == "source.plug_in_refused"
    assert told in warning["reason"]


def test_a_taken_name_is_refused(module: Path) -> None:
    """Neither a built-in source nor another plug-in is shadowed."""
    module.write_text(
        f"{_HEAD}SOURCE = replace(SAMPLE, name='opensea', domain='ships')\n"
        "HARBOURS = replace(SAMPLE, name='harbours')\n"
    )
    points = (_point("opensea"), _point("harbours", "HARBOURS"), _point("harbours", "HARBOURS"))
    with capture_logs() as logs:
        registry = _registry(*points)
        assert [each.name for each in registry.all()].count("harbours") == 1
        assert registry.get("nft", "opensea").domain == "nft"
    assert ["already" in each["reason"] for each in logs] == [True, True]


def test_what_is_hidden_is_there_for_those_who_want_it(
    module: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program hides NumPy from Arrow; a plug-in may parse with it."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    module.with_name("numpy.py").write_text("")  # the real one can be loaded once in a process
    module.write_text(f"import numpy\n{_HEAD}SOURCE = replace(SAMPLE, name='harbours')\n")

    assert [source.name for source, _ in plug_ins([_point("harbours")], ()).sources] == ["harbours"]
