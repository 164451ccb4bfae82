"""Files and folders that a query may read beside the catalog."""

import os
from collections.abc import Iterable
from pathlib import Path

from domain.errors import UsageError


def find_allowed_paths(given: Iterable[Path]) -> tuple[Path, ...]:
    """Absolute paths, with links left as they are: SQL names a file by the same text.

    Raises:
        UsageError: there is no such file or folder.
    """
    found = []
    for path in given:
        if not path.exists():
            message = f"--allow-path {path}: there is no such file or folder."
            raise UsageError(message)
        found.append(Path(os.path.abspath(path)))  # noqa: PTH100  # `resolve` would follow links
    return tuple(found)
