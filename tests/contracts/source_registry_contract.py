"""What every source registry promises."""

from dataclasses import replace

import pytest

from application.ports.source_registry import BUILT_IN, SourceRegistry
from domain.errors import NotFoundError
from domain.sources import Source
from tests.fakes.sample_source import SAMPLE

SAMPLES = (
    replace(SAMPLE, name="sample_b"),
    replace(SAMPLE, name="other", domain="elsewhere"),
    replace(SAMPLE, name="sample_a"),
)
"""What the registry under test holds, in no particular order."""


class SourceRegistryContract:
    """Override `registry` with one that holds SAMPLES."""

    @pytest.fixture
    def registry(self) -> SourceRegistry:
        raise NotImplementedError

    def test_lists_sources_by_domain_and_name(self, registry: SourceRegistry) -> None:
        """The order is stable and does not depend on where sources lie."""
        names = [(source.domain, source.name) for source in registry.all()]
        assert names == [("elsewhere", "other"), ("test", "sample_a"), ("test", "sample_b")]

    def test_the_first_source_of_a_domain_is_its_default(self, registry: SourceRegistry) -> None:
        """Without a name the first of the list is meant."""
        assert registry.get("test").name == "sample_a"
        assert registry.get("elsewhere").name == "other"

    def test_finds_a_source_by_name(self, registry: SourceRegistry) -> None:
        """A name picks among the sources of a domain."""
        found: Source = registry.get("test", "sample_b")
        assert (found.domain, found.name) == ("test", "sample_b")

    def test_suggests_a_domain_close_to_an_unknown_one(self, registry: SourceRegistry) -> None:
        """A slip of the finger is answered with the nearest domain."""
        with pytest.raises(NotFoundError) as caught:
            registry.get("tset")
        assert (caught.value.what, caught.value.suggestions) == ("domain", ("test",))

    def test_suggests_a_source_close_to_an_unknown_one(self, registry: SourceRegistry) -> None:
        """A slip in a source's name likewise."""
        with pytest.raises(NotFoundError) as caught:
            registry.get("test", "sampel_b")
        assert caught.value.what == "source"
        assert "sample_b" in caught.value.suggestions

    def test_tells_where_a_source_comes_from(self, registry: SourceRegistry) -> None:
        """And refuses a name that it does not know."""
        assert registry.origin("sample_b") == BUILT_IN
        with pytest.raises(NotFoundError) as caught:
            registry.origin("sampel_b")
        assert "sample_b" in caught.value.suggestions

    def test_a_source_of_another_domain_is_not_found(self, registry: SourceRegistry) -> None:
        """A name counts only within its domain."""
        with pytest.raises(NotFoundError):
            registry.get("test", "other")
