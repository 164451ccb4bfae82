"""Finds the sources that come with the program, and those that a project declares."""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType

from application.ports.source_registry import SourceRegistry
from domain.errors import ConfigurationError, NotFoundError
from domain.sources import Source

_PACKAGE = "adapters.sources"

type ReadDeclaration = Callable[[str, str], Source]
"""From the text of a file and its name to the source that it declares."""


class PackageSourceRegistry(SourceRegistry):
    """Every module of a package that holds a `SOURCE`, and every declaration.

    Read at the first question. Sub-packages and modules that begin with an underscore are
    helpers and are not looked at; declarations lie in the package's `declarations`.

    Args:
        package: name of the package.
        keys: variables of the keys that are set: of several sources of a domain, one that needs a
            key and has it comes before those that need none.
        read: how declarations are read; without it there are none.
        project: the project's own folder of declarations; it need not exist. Its sources come
            after the built-in ones of their domain, so that no default changes.

    Raises:
        ConfigurationError: on the first question, when a source's name is not its module's or
            file's name, `SOURCE` is something else, a declaration is wrong, or a name is taken.
    """

    def __init__(
        self,
        package: str = _PACKAGE,
        keys: Collection[str] = (),
        *,
        read: ReadDeclaration | None = None,
        project: Path | None = None,
    ) -> None:
        self._package = package
        self._keys = keys
        self._read = read
        self._project = project

    def all(self) -> Sequence[Source]:
        """Every source, by domain and name."""
        return self._sources

    def get(self, domain: str, name: str | None = None) -> Source:
        """The named source of a domain, or the first one."""
        own = {source.name: source for source in self._sources if source.domain == domain}
        if not own:
            known = sorted({source.domain for source in self._sources})
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

    def _has_its_key(self, source: Source) -> bool:
        key = source.policy.api_key
        return key is not None and key.required and key.variable in self._keys

    @cached_property
    def _sources(self) -> Sequence[Source]:
        package = importlib.import_module(self._package)
        modules = [
            importlib.import_module(f"{self._package}.{found.name}")
            for found in pkgutil.iter_modules(package.__path__)
            if not found.ispkg and not found.name.startswith("_")
        ]
        sources = [_source(module) for module in modules if hasattr(module, "SOURCE")]
        if self._read is not None:
            for each in package.__path__:
                sources += _declared(
                    Path(each) / "declarations", self._read, {source.name for source in sources}
                )
        own = {source.name for source in sources}
        if self._read is not None and self._project is not None:
            sources += _declared(self._project, self._read, own)
        return sorted(sources, key=lambda each: (each.domain, each.name not in own, each.name))


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


def _declared(folder: Path, read: ReadDeclaration, taken: set[str]) -> list[Source]:
    """The sources that the files of a folder declare."""
    try:
        texts = {file: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.toml"))}
    except (OSError, UnicodeDecodeError) as exc:
        message = f"The declared sources in {folder} cannot be read: {exc}."
        raise ConfigurationError(message) from exc
    found = []
    for file, text in texts.items():
        source = read(text, str(file))
        if source.name != file.stem:
            message = f"{file} names its source {source.name!r}: it must be {file.stem!r}."
            raise ConfigurationError(message)
        if source.name in taken:
            message = f"{file} has the name of a built-in source: call it something else."
            raise ConfigurationError(message)
        found.append(source)
    return found
