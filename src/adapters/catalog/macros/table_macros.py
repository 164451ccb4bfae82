"""The table macros of the catalog, out of the SQL files beside this module."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_SCHEMAS: Mapping[str, tuple[str, ...]] = {
    "candles": ("crypto", "stocks"),
    "nft": ("nft",),
    "weather": ("weather",),
}
"""The beginning of a file's name, and the schemas that its macro is made in."""
_READS = re.compile(r"^-- Reads: (.+)$", re.MULTILINE)
_MEANING = re.compile(r"^-- Meaning: (.+?)(?=^-- Reads: )", re.MULTILINE | re.DOTALL)
_SIGNATURE = re.compile(r"-- (\S+\(.*\))\n")
_SCHEMA = "{schema}"


@dataclass(frozen=True, slots=True)
class TableMacro:
    """A table that is made of other tables when it is asked for.

    Attributes:
        name: qualified ("nft.rarity").
        signature: name and parameters, as people read them.
        meaning: what its rows are.
        reads: qualified names of the tables that must be there.
        sql: the CREATE MACRO statement, without comments.
    """

    name: str
    signature: str
    meaning: str
    reads: tuple[str, ...]
    sql: str


@cache
def table_macros() -> Mapping[str, TableMacro]:
    """All macros by qualified name."""
    found = [
        _macro(file.name, schema, file.read_text(encoding="utf-8"))
        for file in files(__package__).joinpath("sql").iterdir()
        if file.name.endswith(".sql")
        for schema in _SCHEMAS[file.name.partition("_")[0]]
    ]
    return {each.name: each for each in sorted(found, key=lambda each: each.name)}


def tables_read_by_macros() -> Mapping[str, tuple[str, ...]]:
    """Qualified macro names, and the qualified tables that each of them reads."""
    return {name: macro.reads for name, macro in table_macros().items()}


def named_macros(names: Iterable[str]) -> list[TableMacro]:
    """The macros that a statement means with these names, qualified or not, in any case.

    A short name means each macro that has it: `resampled` is that of crypto and that of stocks.
    """
    wanted = {name.lower() for name in names}
    return [
        macro
        for name, macro in table_macros().items()
        if name in wanted or name.partition(".")[2] in wanted
    ]


def _macro(file: str, schema: str, text: str) -> TableMacro:
    text = text.replace(_SCHEMA, schema)
    name = file.removesuffix(".sql").partition("_")[2]
    signature, meaning, reads = _SIGNATURE.match(text), _MEANING.search(text), _READS.search(text)
    if signature is None or meaning is None or reads is None:
        message = f"{file} does not begin with a signature, a meaning and what it reads."
        raise ValueError(message)
    return TableMacro(
        name=f"{schema}.{name}",
        signature=signature[1],
        meaning=" ".join(meaning[1].replace("--", " ").split()),
        reads=tuple(reads[1].split(", ")),
        sql="\n".join(line for line in text.splitlines() if not line.startswith("--")),
    )
