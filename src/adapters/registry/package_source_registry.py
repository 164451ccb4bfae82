"""Finds the sources that come with the program."""

import importlib
import pkgutil
from collections.abc import Collection, Sequence
from functools import cached_property
from types import ModuleType

from application.ports.source_registry import SourceRegistry
from domain.errors import ConfigurationError, NotFoundError
from domain.sources import Source

_PACKAGE = "adapters.sources"


class PackageSourceRegistry(SourceRegistry):
    """Every module of a package that holds a `SOURCE`; read at the first question.

    Sub-packages and modules that begin with an underscore are helpers and are not looked at.

    Args:
        package: name of the package.
        keys: variables of the keys that are set: of several sources of a domain, one that needs a
            key and has it comes before those that need none.

    Raises:
        ConfigurationError: on the first question, when a source's name is not its module's
            name, or `SOURCE` is something else.
    """

    def __init__(self, package: str = _PACKAGE, keys: Collection[str] = ()) -> None:
        self._package = package
        self._keys = keys

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
        return sorted(sources, key=lambda source: (source.domain, source.name))


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
