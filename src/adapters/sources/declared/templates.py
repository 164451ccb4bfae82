"""Texts with `{name}` in them, checked when a declaration is read."""

import re
from collections.abc import Callable, Collection, Mapping

from adapters.sources.declared.section import Section

type Template = Callable[[Mapping[str, str]], str]

_NAME = re.compile(r"\{([A-Za-z_]\w*)\}", re.ASCII)


def names_in(text: str) -> list[str]:
    """The names that a template asks for."""
    return _NAME.findall(text)


def path_in(section: Section, name: str) -> str:
    """A path below the base URL, as it stands in the file."""
    path = section.text(name)
    if not path.startswith("/") or path.startswith("//"):
        raise section.fail(name, "must be a path below the base URL, and begin with one slash.")
    return path


def template(text: str, known: Collection[str], section: Section, name: str) -> Template:
    """A function from values to the text; empty where one of the values is.

    Raises:
        ConfigurationError: the text asks for a name that there is not.
    """
    names = names_in(text)
    for each in names:
        if each not in known:
            raise section.unknown(name, f"{{{each}}}", [f"{{{one}}}" for one in known])
    parts = _NAME.split(text)

    def fill(values: Mapping[str, str]) -> str:
        if not all(values.get(each) for each in names):
            return ""
        return "".join(values[part] if at % 2 else part for at, part in enumerate(parts))

    return fill
