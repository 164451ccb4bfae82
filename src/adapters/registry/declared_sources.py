"""Sources that are declared in files of a folder."""

from collections.abc import Callable, Mapping
from pathlib import Path

from domain.errors import ConfigurationError
from domain.sources import Source

type ReadDeclaration = Callable[[str, str], Source]
"""From the text of a file and its name to the source that it declares."""


def declarations(folder: Path) -> Mapping[Path, str]:
    """The declarations in a folder and their texts; none where there is no folder.

    Raises:
        ConfigurationError: one cannot be read.
    """
    try:
        return {file: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.toml"))}
    except (OSError, UnicodeDecodeError) as exc:
        message = f"The declared sources in {folder} cannot be read: {exc}."
        raise ConfigurationError(message) from exc


def declared_source(
    file: Path, text: str, read: ReadDeclaration, is_taken: Callable[[str], bool]
) -> Source:
    """The source of a declaration.

    Args:
        file: where it stands.
        text: what it says.
        read: how it is read.
        is_taken: whether a built-in source has this name.

    Raises:
        ConfigurationError: the declaration is wrong, its name is not the file's, or is taken.
    """
    source = read(text, str(file))
    if source.name != file.stem:
        message = f"{file} names its source {source.name!r}: it must be {file.stem!r}."
        raise ConfigurationError(message)
    if is_taken(source.name):
        message = f"{file} has the name of a built-in source: call it something else."
        raise ConfigurationError(message)
    return source
