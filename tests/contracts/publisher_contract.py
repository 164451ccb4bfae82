"""What every publisher keeps to."""

import asyncio

import pytest

from application.ports.publisher import WHOLE, Publisher
from domain.manifest import Manifest


class PublisherContract:
    """Subclasses give `publisher`, and `manifest`: things in `test.items` and `test.details`.

    Attributes:
        catalog: what is derived from a version as a whole.
    """

    catalog: tuple[str, ...] = ("catalog.duckdb",)

    @pytest.fixture
    def publisher(self) -> Publisher:
        raise NotImplementedError

    @pytest.fixture
    def manifest(self) -> Manifest:
        raise NotImplementedError

    def test_it_names_what_it_published(self, publisher: Publisher, manifest: Manifest) -> None:
        """A file for each table of the target, and the catalog; again, the same."""
        first = asyncio.run(publisher.publish(manifest, "things"))
        again = asyncio.run(publisher.publish(manifest, "things"))

        assert list(first) == list(again)
        assert len(first) == 2 + len(self.catalog)
        assert set(self.catalog) <= set(first)

    def test_files_are_told_by_target(self, publisher: Publisher, manifest: Manifest) -> None:
        """Those of the version as a whole apart; they can be left for later."""
        found = asyncio.run(publisher.publish_all(manifest, ["things", "nothing"], whole=False))
        whole = asyncio.run(publisher.publish_all(manifest, ["things"]))

        assert {name: len(files) for name, files in found.items()} == {"things": 2}
        assert whole["things"] == found["things"]
        assert tuple(whole.get(WHOLE, ())) == self.catalog

    def test_a_target_that_is_not_there_publishes_the_catalog_alone(
        self, publisher: Publisher, manifest: Manifest
    ) -> None:
        """Other targets' files are left as they are."""
        assert list(asyncio.run(publisher.publish(manifest, "nothing"))) == [*self.catalog]

    def test_names_are_relative_and_different(
        self, publisher: Publisher, manifest: Manifest
    ) -> None:
        """Whatever the target."""
        names = asyncio.run(publisher.publish(manifest))

        assert len(set(names)) == len(names)
        assert not any(name.startswith("/") for name in names)

    def test_an_empty_catalog_can_be_published(self, publisher: Publisher) -> None:
        """Before anything was ingested."""
        assert list(asyncio.run(publisher.publish(Manifest()))) == [*self.catalog]
