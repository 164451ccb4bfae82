"""What a folder holds, to be compared."""

import hashlib
from pathlib import Path


def folder_digest(root: Path) -> dict[str, str]:
    """Every file below a folder with its hash."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
