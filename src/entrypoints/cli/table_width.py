"""How wide a table may be."""

import shutil

from entrypoints.cli.query_format import Columns


def table_width(asked: Columns | None, *, terminal: bool) -> int | None:
    """Columns of the terminal ($COLUMNS, else what it says, else 80); None for any width."""
    if asked is Columns.WIDE or (asked is None and not terminal):
        return None
    return shutil.get_terminal_size().columns
