"""Of several sources of a domain, the one whose key is set comes first."""

import pytest

from adapters.registry.package_source_registry import PackageSourceRegistry


@pytest.mark.parametrize(
    ("keys", "name"),
    [((), "sec_edgar"), (("TIINGO_API_KEY",), "tiingo"), (("GITHUB_TOKEN",), "sec_edgar")],
)
def test_a_key_that_is_set_chooses_its_source(keys: tuple[str, ...], name: str) -> None:
    """Without one, a source that needs none; the best effort only by its name."""
    registry = PackageSourceRegistry(keys=keys)
    assert registry.get("stocks").name == name
    assert registry.get("stocks", "yahoo").name == "yahoo"
