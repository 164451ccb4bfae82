"""Finds sources: those of the program, those that a project declares, and plug-ins."""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

from adapters.registry.plug_ins import PlugIns, plug_ins
from application.ports.source_registry import BUILT_IN, SourceRegistry
from domain.errors import ConfigurationError, NotFoundError
from domain.sources import Source

_PACKAGE = "adapters.sources"

type ReadDeclaration = Callable[[str, str], Source]
"""From the text of a file and its name to the source that it declares."""
type _Found = tuple[Source, str]
"""A source and its origin."""


class PackageSourceRegistry(SourceRegistry):
    """Every module of a package that holds a `SOURCE`, every declaration, and every plug-in.

    Read at the first question; plug-ins only once they may be meant. Sub-packages and modules that
    begin with an underscore are helpers and are not looked at; declarations lie in the package's
    `declarations`.

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
        ConfigurationError: on the first question, when a source's name is not its module's or
            file's name, `SOURCE` is something else, a declaration is wrong, or a name is taken;
            when a plug-in is asked for that cannot be used.
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
        self._package = package
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
        at_hand = {each.name: each for each, _ in (*self._built_in, *self._of_project)}
        own = {each.name: each for each in at_hand.values() if each.domain == domain}
        if not own or name not in (None, *own):
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
        for group in self._groups():
            for source, origin in group:
                if source.name == name:
                    return origin
        known = [source.name for source in self.all()]
        raise NotFoundError(what="source", name=name, known=known)

    def _groups(self) -> Iterator[Sequence[_Found]]:
        yield self._built_in
        yield self._of_project
        yield self._plugged.sources

    def _has_its_key(self, source: Source) -> bool:
        key = source.policy.api_key
        return key is not None and key.required and key.variable in self._keys

    @cached_property
    def _built_in(self) -> Sequence[_Found]:
        package = importlib.import_module(self._package)
        modules = [
            importlib.import_module(f"{self._package}.{found.name}")
            for found in pkgutil.iter_modules(package.__path__)
            if not found.ispkg and not found.name.startswith("_")
        ]
        sources = [_source(module) for module in modules if hasattr(module, "SOURCE")]
        if self._read is not None:
            for each in package.__path__:
                taken = {source.name for source in sources}
                folder = Path(each) / "declarations"
                sources += [source for source, _ in _declared(folder, self._read, taken)]
        return [(source, BUILT_IN) for source in sorted(sources, key=lambda each: each.name)]

    @cached_property
    def _of_project(self) -> Sequence[_Found]:
        if self._read is None or self._project is None:
            return ()
        return _declared(self._project, self._read, {each.name for each, _ in self._built_in})

    @cached_property
    def _plugged(self) -> PlugIns:
        taken = [each.name for each, _ in (*self._built_in, *self._of_project)]
        return plug_ins(self._entry_points(), taken)


def _source(module: ModuleType) -> Source:
    source = module.SOURCE
    own_name = module.__name__.rpartition(".")[2]
    if not isinstance(source, Source):
        message = f"SOURCE of {module.__name__} is not a Source."
        raise ConfigurationError(message)
    if source.name != own_name:
        message = f"{module.__name__} names its source {source.name!r}: it must be {own_name!r}."
        raise ConfigurationError(message)
    return source


def _declared(folder: Path, read: ReadDeclaration, taken: set[str]) -> list[_Found]:
    """The sources that the files of a folder declare."""
    found = []
    for file in sorted(folder.glob("*.toml")):
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as exc:
            message = f"{file} cannot be read: {exc}."
            raise ConfigurationError(message) from exc
        source = read(text, str(file))
        if source.name != file.stem:
            message = f"{file} names its source {source.name!r}: it must be {file.stem!r}."
            raise ConfigurationError(message)
        if source.name in taken:
            message = (
                f"{file} has the name of a built-in source, which it cannot take the place of: "
                "call the file, and the source in it, something else. For another address of "
                f"{source.name} set APP_SOURCES__{source.name.upper()}__BASE_URL."
            )
            raise ConfigurationError(message)
        found.append((source, str(file)))
    return found
