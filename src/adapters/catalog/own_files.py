"""Files of one's own that a query may read beside the catalog."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.errors import UsageError

_MOST = 10_000


def own_files(paths: Sequence[Path]) -> list[str]:
    """The files that are meant, absolute; of a folder all that lie in it, at any depth.

    Links are followed to a file, and not out of a folder.

    Raises:
        UsageError: one does not exist, is neither file nor folder, or has too many files.
    """
    found: dict[str, None] = {}
    for path in paths:
        for file in _files(path.absolute()):
            found[str(file)] = None
            found[str(file.resolve())] = None
            if len(found) > 2 * _MOST:
                message = f"--allow-path {path} holds more than {_MOST:,} files: name fewer."
                raise UsageError(message)
    return list(found)


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        root = path.resolve()
        for folder, _, names in os.walk(path):
            for name in names:
                file = Path(folder, name)
                if file.is_file() and file.resolve().is_relative_to(root):
                    yield file
    else:
        what = "neither a file nor a folder" if path.exists() else "not there"
        message = f"--allow-path {path} is {what}."
        raise UsageError(message)
