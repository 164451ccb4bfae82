"""A source registry that holds what it is given."""

from collections.abc import Sequence

from application.ports.source_registry import BUILT_IN, SourceRegistry
from domain.errors import NotFoundError, PipelineError
from domain.sources import Source


class FakeSourceRegistry(SourceRegistry):
    """Keeps sources in a list; fails when told to; counts the calls of `get`."""

    def __init__(self, *sources: Source) -> None:
        self._sources = sorted(sources, key=lambda source: (source.domain, source.name))
        self.fails_with: PipelineError | None = None
        self.calls = 0

    def all(self) -> Sequence[Source]:
        if self.fails_with:
            raise self.fails_with
        return self._sources

    def get(self, domain: str, name: str | None = None) -> Source:
        self.calls += 1
        own = [source for source in self.all() if source.domain == domain]
        if not own:
            raise NotFoundError(
                what="domain", name=domain, known={source.domain for source in self._sources}
            )
        for source in own:
            if name in (None, source.name):
                return source
        raise NotFoundError(what="source", name=str(name), known=[source.name for source in own])

    def origin(self, name: str) -> str:
        known = [source.name for source in self.all()]
        if name not in known:
            raise NotFoundError(what="source", name=name, known=known)
        return BUILT_IN
