"""Finds sources: those of the program, those that a project declares, and plug-ins."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from importlib.metadata import EntryPoint
from itertools import chain
from pathlib import Path

from adapters.registry.built_in_sources import BuiltInSources
from adapters.registry.declared_sources import ReadDeclaration, declarations, declared_source
from adapters.registry.plug_ins import PlugIns, plug_ins
from application.ports.source_registry import BUILT_IN, SourceRegistry
from domain.errors import ConfigurationError, NotFoundError
from domain.sources import Source

_PACKAGE = "adapters.sources"

type _Found = tuple[Source, str]
"""A source and its origin."""


class PackageSourceRegistry(SourceRegistry):
    """The sources of a package, those that a project declares, and every plug-in.

    Read at the first question, each once it may be meant: those of a project at any, plug-ins
    where no other source is.

    Args:
        package: name of the package.
        keys: variables of the keys that are set: of several sources of a domain, one that needs a
            key and has it comes before those that need none.
        read: how declarations are read; without it there are none.
        project: the project's own folder of declarations; it need not exist. Its sources come
            after the built-in ones of their domain, and plug-ins after these, so that no default
            changes.
        entry_points: finds the plug-ins.

    Raises:
        ConfigurationError: when a source that may be meant, or one of the project, is wrong or
            has another's name; when a plug-in is asked for that cannot be used.
    """

    def __init__(
        self,
        package: str = _PACKAGE,
        keys: Collection[str] = (),
        *,
        read: ReadDeclaration | None = None,
        project: Path | None = None,
        entry_points: Callable[[], Iterable[EntryPoint]] = tuple,
    ) -> None:
        self._built_in = BuiltInSources(package, read)
        self._keys = keys
        self._read = read
        self._project = project
        self._entry_points = entry_points

    def all(self) -> Sequence[Source]:
        """Every source, by domain and name."""
        known = [source for group in self._groups() for source, _ in group]
        return sorted(known, key=lambda each: each.domain)

    def get(self, domain: str, name: str | None = None) -> Source:
        """The named source of a domain, or the first one."""
        of_project = [each for each, _ in self._of_project if each.domain == domain]
        first: Source | None = None
        for source in chain(self._built_in.of_domain(domain), of_project):
            first = first or source
            if source.name == name or (name is None and self._is_settled(source)):
                return source
        if first is not None and name is None:
            return first
        own = {each.name: each for each in self.all() if each.domain == domain}
        if name in self._plugged.refused or (not own and domain in self._plugged.refused):
            raise ConfigurationError(self._plugged.refused[name or domain])
        if not own:
            known = sorted({source.domain for source in self.all()})
            raise NotFoundError(
                what="domain", name=domain, known=known, hint=f"Known: {', '.join(known)}."
            )
        if name is None:
            return next(filter(self._has_its_key, own.values()), next(iter(own.values())))
        if name not in own:
            raise NotFoundError(
                what="source", name=name, known=own, hint=f"Known for {domain}: {', '.join(own)}."
            )
        return own[name]

    def origin(self, name: str) -> str:
        """Where a source comes from."""
        if self._built_in.has(name):
            return BUILT_IN
        for group in self._groups():
            for source, origin in group:
                if source.name == name:
                    return origin
        known = [source.name for source in self.all()]
        raise NotFoundError(what="source", name=name, known=known)

    def _groups(self) -> Iterator[Sequence[_Found]]:
        yield [(source, BUILT_IN) for source in self._built_in.all()]
        yield self._of_project
        yield self._plugged.sources

    def _is_settled(self, source: Source) -> bool:
        """Whether no later source can come before it: it has its key, or none has."""
        return not self._keys or self._has_its_key(source)

    def _has_its_key(self, source: Source) -> bool:
        key = source.policy.api_key
        return key is not None and key.required and key.variable in self._keys

    @cached_property
    def _of_project(self) -> Sequence[_Found]:
        if self._read is None or self._project is None:
            return ()
        return [
            (declared_source(file, text, self._read, self._built_in.has), str(file))
            for file, text in declarations(self._project).items()
        ]

    @cached_property
    def _plugged(self) -> PlugIns:
        taken = [each.name for each in self._built_in.all()]
        taken += [each.name for each, _ in self._of_project]
        return plug_ins(self._entry_points(), taken)
