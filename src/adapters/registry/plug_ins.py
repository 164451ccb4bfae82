"""Sources that other packages bring, by the entry-point group `app.sources`.

See https://packaging.python.org/en/latest/specifications/entry-points/
"""

import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType

import structlog

from domain.sources import Source

_GROUP = "app.sources"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_log = structlog.get_logger()


@dataclass(slots=True)
class PlugIns:
    """What other packages bring.

    Attributes:
        sources: each with the package that it comes from ("harbours 1.2").
        refused: by the names of entry points that cannot be used, whose fault that is.
    """

    sources: list[tuple[Source, str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


class UnusablePlugInError(Exception):
    """A plug-in that cannot be used; its words say whose fault that is."""


def installed() -> Iterable[EntryPoint]:
    """The entry points of the packages that are installed."""
    return entry_points(group=_GROUP)


def plug_ins(found: Iterable[EntryPoint], taken: Iterable[str]) -> PlugIns:
    """The sources behind entry points; of one that cannot be used a warning is left.

    Args:
        found: each leads to a `Source`, or to a function that makes one.
        taken: names of sources that are there already.
    """
    names, plugged = set(taken), PlugIns()
    for each in sorted(found, key=lambda one: (one.name, package_of(one))):
        show_hidden()
        try:
            source = _usable(each, names)
        except UnusablePlugInError as error:
            package = package_of(each)
            plugged.refused.setdefault(each.name, f"The plug-in {package}: {error}")
            _log.warning("source.plug_in_refused", package=package, reason=str(error))
            continue
        names.add(source.name)
        plugged.sources.append((source, package_of(each)))
    return plugged


def package_of(point: EntryPoint) -> str:
    """Name and version of the package that an entry point comes with."""
    dist = point.dist
    return f"{dist.name} {dist.version}" if dist else point.value


def show_hidden() -> None:
    """Let others load what the program has hidden from its libraries to start sooner."""
    modules: dict[str, ModuleType | None] = {**sys.modules}
    for name, module in modules.items():
        if module is None:
            del sys.modules[name]


def _usable(point: EntryPoint, taken: set[str]) -> Source:
    try:
        value = point.load()
        source = value() if callable(value) else value
    except (Exception, SystemExit) as exc:  # whatever foreign code raises
        message = f"{point.value} cannot be loaded: {type(exc).__name__}: {exc}"
        raise UnusablePlugInError(message) from exc
    if not isinstance(source, Source):
        message = f"{point.value} is a {type(source).__name__}, not a domain.sources.Source."
        raise UnusablePlugInError(message)
    for what, name in (("name", source.name), ("domain", source.domain)):
        if not _NAME.fullmatch(name):
            message = f"{point.value} has the {what} {name!r}: use a-z, 0-9 and _."
            raise UnusablePlugInError(message)
    if source.name != point.name:
        message = f"{point.value} names its source {source.name!r}, its entry point {point.name!r}."
        raise UnusablePlugInError(message)
    if source.name in taken:
        message = f"There is a source {source.name!r} already: call it something else."
        raise UnusablePlugInError(message)
    # Rows that are carried over are those of the program's own code; a package may change alone.
    return replace(source, carries_pages=False) if source.carries_pages else source
