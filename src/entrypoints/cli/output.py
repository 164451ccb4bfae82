"""Data to stdout, words to stderr; text from outside is made harmless on the way."""

import json
import os
import sys
from collections.abc import Sequence
from typing import IO, Any

from domain.terminal_text import printable

_LINES = 200
_COLORS_OFF = "NO_COLOR"
type Cell = str | int | None


def colors_wanted() -> bool:
    """Whether colours may be used (no-color.org); `--no-color` sets the variable."""
    return not os.environ.get(_COLORS_OFF)


def turn_colors_off() -> None:
    """As if NO_COLOR had been set from the start; rich and DuckDB heed it too."""
    os.environ[_COLORS_OFF] = "1"


def say(text: str, style: str = "") -> None:
    """Words for people, on stderr, as they are: nothing in them is taken for markup."""
    _print(sys.stderr, printable(text), style)


def show(text: str, style: str = "") -> None:
    """A line of data, on stdout."""
    _print(sys.stdout, printable(text) if sys.stdout.isatty() else text, style)


def show_json(value: Any) -> None:
    """One JSON document on stdout, on one line when piped."""
    indent = 2 if sys.stdout.isatty() else None
    sys.stdout.write(json.dumps(value, ensure_ascii=not _utf8(sys.stdout), indent=indent) + "\n")


def most_rows(limit: int | None) -> int | None:
    """How many lines of a list are shown: so many, or all but on a terminal, where few are read."""
    return _LINES if limit is None and sys.stdout.isatty() else limit


def say_more(left: int) -> None:
    """Words about lines that were left out."""
    if left > 0:
        say(f"… {left:,} more; `--limit N` shows more.")


def show_rows(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """A table on a terminal, tab-separated lines elsewhere; numbers to the right."""
    if not sys.stdout.isatty():
        for row in (columns, *rows):
            sys.stdout.write("\t".join(_field(cell) for cell in row) + "\n")
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for position, column in enumerate(columns):
        numeric = any(isinstance(row[position], int) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(cell)) for cell in row))
    Console(file=sys.stdout, highlight=False, no_color=not colors_wanted()).print(table)


def _print(stream: IO[str], text: str, style: str) -> None:
    if not (style and stream.isatty() and colors_wanted()):
        stream.write(text + "\n")
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False)
    console.print(Text(text, style=style), soft_wrap=True)


def _cell(cell: Cell) -> str:
    if isinstance(cell, int):
        return f"{cell:,}"
    return printable(cell or "").replace("\n", " ")


def _field(cell: Cell) -> str:
    """TSV holds no tab and no line end."""
    return "" if cell is None else str(cell).translate({9: " ", 10: " ", 13: " "})


def _utf8(stream: IO[str]) -> bool:
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "") == "utf8"
