"""How `app query` writes a result: what is asked for, else what the file or the terminal says."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from domain.errors import UsageError


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    NDJSON = "ndjson"
    MARKDOWN = "markdown"
    LINE = "line"
    PARQUET = "parquet"
    ARROW = "arrow"


class Columns(StrEnum):
    """What becomes of columns that are wider than the terminal."""

    FIT = "fit"
    WIDE = "wide"


@dataclass(frozen=True, slots=True)
class Style:
    """A format of the result writer, and the compression around it ("gz", "zst" or "")."""

    name: str
    compression: str = ""


SUFFIXES: Final[Mapping[str, Format]] = {
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".json": Format.JSON,
    ".ndjson": Format.NDJSON,
    ".jsonl": Format.NDJSON,
    ".md": Format.MARKDOWN,
    ".parquet": Format.PARQUET,
    ".arrow": Format.ARROW,
    ".arrows": Format.ARROW,
    ".feather": Format.ARROW,
    ".txt": Format.TABLE,
}
_COMPRESSED: Final[Mapping[str, str]] = {".gz": "gz", ".zst": "zst"}
_BINARY: Final = frozenset({Format.PARQUET, Format.ARROW})
_STREAM = ".arrows"


def asked_format(given: Format | None, shorthands: Mapping[Format, bool]) -> Format | None:
    """The one format that the options name; None where they name none.

    Raises:
        UsageError: they name two.
    """
    asked = {each for each, is_asked in shorthands.items() if is_asked}
    if given is not None:
        asked.add(given)
    if len(asked) > 1:
        names = " and ".join(sorted(asked))
        message = f"A result has one format, not {names}."
        raise UsageError(message)
    return asked.pop() if asked else None


def style_for(asked: Format | None, output: Path | None, *, terminal: bool) -> Style:
    """What to write where it goes.

    A file's suffix tells the format, and `.gz` or `.zst` behind it compresses text. A terminal
    gets a table, a pipe csv.

    Raises:
        UsageError: the suffix tells nothing, or the format does not go there.
    """
    if output is None:
        style = asked or (Format.TABLE if terminal else Format.CSV)
        if style in _BINARY and terminal:
            message = f"{style.value} is not for terminals: use -o FILE, or pipe it."
            raise UsageError(message)
        return Style(style.value)
    compression = _COMPRESSED.get(output.suffix.lower(), "")
    suffix = (output.with_suffix("") if compression else output).suffix.lower()
    found = asked or SUFFIXES.get(suffix)
    if found is None:
        known = ", ".join(SUFFIXES)
        message = f"-o {output}: the suffix tells no format ({known} do); add --format."
        raise UsageError(message)
    if compression and found in _BINARY:
        message = f"-o {output}: {found.value} is not compressed again; leave {output.suffix} out."
        raise UsageError(message)
    if found is Format.ARROW and suffix != _STREAM:
        return Style("arrow-file")
    return Style(found.value, compression)
