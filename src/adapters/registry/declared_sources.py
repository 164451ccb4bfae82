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
    return {file: _text(file) for file in sorted(folder.glob("*.toml"))}


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
        message = (
            f"{file} has the name of a built-in source, which it cannot take the place of: "
            "call the file, and the source in it, something else. For another address of "
            f"{source.name} set APP_SOURCES__{source.name.upper()}__BASE_URL."
        )
        raise ConfigurationError(message)
    return source


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        message = f"{file} cannot be read: {exc}."
        raise ConfigurationError(message) from exc
