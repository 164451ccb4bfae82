"""The sources that come with the program, each loaded once it may be meant."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path

from adapters.registry.declared_sources import ReadDeclaration, declarations, declared_source
from domain.errors import ConfigurationError
from domain.sources import Source

_DOMAIN = re.compile(r"""^\s*domain\s*=\s*["'](\w+)["']""", re.MULTILINE)


class BuiltInSources:
    """Every module of a package that holds a `SOURCE`, and every file in its `declarations`.

    A file that names only other domains than the wanted one is not loaded: to load all of them
    takes longer than to ask one. Sub-packages and modules that begin with an underscore are
    helpers and are not looked at.

    ConfigurationError from each method when a source's name is not its module's or file's name,
    `SOURCE` is something else, a declaration is wrong, or a name is taken.
    """

    def __init__(self, package: str, read: ReadDeclaration | None) -> None:
        self._package = package
        self._read = read

    def all(self) -> Sequence[Source]:
        """By name."""
        return _loaded(self._files)

    def of_domain(self, domain: str) -> Iterator[Source]:
        """Those of a domain, by name, each loaded when its turn comes."""
        for each in sorted(self._files, key=lambda each: each.name):
            if each.may_be_of(domain) and each.source and each.source.domain == domain:
                yield each.source

    def has(self, name: str) -> bool:
        """Whether one has this name."""
        return _has(self._files, name)

    @cached_property
    def _files(self) -> "Sequence[_File]":
        folders = importlib.import_module(self._package).__path__
        modules = [*self._modules(folders)]
        return [*modules, *self._declarations(folders, modules)]

    def _modules(self, folders: Iterable[str]) -> "Iterator[_File]":
        for found in pkgutil.iter_modules(folders):
            if found.ispkg or found.name.startswith("_"):
                continue
            text = _text(folders, found.name)
            if text is None or "SOURCE" in text:
                yield _File(found.name, text, partial(self._load, found.name))

    def _declarations(
        self, folders: Iterable[str], modules: "Sequence[_File]"
    ) -> "Iterator[_File]":
        if self._read is None:
            return
        for folder in folders:
            for file, text in declarations(Path(folder) / "declarations").items():
                load = partial(declared_source, file, text, self._read, partial(_has, modules))
                yield _File(file.stem, text, load)

    def _load(self, name: str) -> Source | None:
        module = importlib.import_module(f"{self._package}.{name}")
        if not hasattr(module, "SOURCE"):
            return None
        source = module.SOURCE
        if not isinstance(source, Source):
            message = f"SOURCE of {module.__name__} is not a Source."
            raise ConfigurationError(message)
        if source.name != name:
            message = f"{module.__name__} names its source {source.name!r}: it must be {name!r}."
            raise ConfigurationError(message)
        return source


class _File:
    """A file that may hold a source.

    Args:
        text: what it says before it is loaded; None where that cannot be read.
    """

    def __init__(self, name: str, text: str | None, load: Callable[[], Source | None]) -> None:
        self.name = name
        self._domains = frozenset(_DOMAIN.findall(text or ""))
        self._load = load

    def may_be_of(self, domain: str) -> bool:
        """Where the text does not tell, it may."""
        return not self._domains or domain in self._domains

    @cached_property
    def source(self) -> Source | None:
        """What it holds."""
        return self._load()


def _loaded(files: Iterable[_File]) -> Sequence[Source]:
    found = [source for each in files if (source := each.source) is not None]
    return sorted(found, key=lambda each: each.name)


def _has(files: Iterable[_File], name: str) -> bool:
    return bool(_loaded(each for each in files if each.name == name))


def _text(folders: Iterable[str], module: str) -> str | None:
    files = (Path(folder) / f"{module}.py" for folder in folders)
    return next((each.read_text(encoding="utf-8") for each in files if each.is_file()), None)
