"""Says what to do about SQL that fails, beside what the engine says."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from application.ports.query_engine import Query
from domain.manifest import Manifest

_MISSING = re.compile(r".*Values were not provided for the following[\w ]* parameters: (.+)")
_EXCESS = re.compile(r".*identifiers of the excess parameters: (.+)")
_COUNT = re.compile(r".*Parameter/argument count mismatch.*")
_COLUMN = re.compile(r'Referenced column "([^"]+)"|does not have a column named "([^"]+)"')
_CANDIDATES = re.compile(r"\n*\nCandidate bindings:[: ]*([^\n]*)")
_CARET = "\n\nLINE "
_NEAR = 0.7  # of difflib's ratio, from 0 to 1
_MOST = 40  # columns of a table that are listed


def with_hints(message: str, query: Query, manifest: Manifest) -> str:
    """The engine's message, caret line and all, with names that may have been meant."""
    first, _, rest = message.partition("\n")
    told = _about_parameters(first, query)
    if told:
        return f"{told}\n{rest}" if rest else told
    column = _COLUMN.search(message)
    if column is None:
        return message
    name = column[1] or column[2]
    candidates = _CANDIDATES.search(message)
    known = _columns(query.sql, manifest)
    offered = [] if candidates is None else re.findall(r'"([^"]+)"', candidates[1])
    near = _near(name, offered) or _near(name, chain.from_iterable(known.values()))
    if near:
        hint = f"Did you mean {' or '.join(near)}?"
    else:
        hint = "\n".join(_listed(table, names) for table, names in known.items())
    if not hint:
        return message
    if candidates is not None:
        return f"{message[: candidates.start()]}\n{hint}{message[candidates.end() :]}"
    said, caret, line = message.partition(_CARET)
    return f"{said}\n{hint}{caret}{line}"


def _about_parameters(line: str, query: Query) -> str | None:
    missing = _MISSING.fullmatch(line)
    if missing:
        names = [name.strip() for name in missing[1].split(",")]
        wanted = " and ".join(f"${name}" for name in names)
        return f"The SQL needs a value for {wanted}: {' '.join(f'-p {n}=…' for n in names)}"
    excess = _EXCESS.fullmatch(line)
    if excess:
        return _unused([name.strip() for name in excess[1].split(",")])
    if _COUNT.fullmatch(line):
        sql = query.sql.lower()
        return _unused([name for name in query.parameters if f"${name.lower()}" not in sql])
    return None


def _unused(names: list[str]) -> str | None:
    if not names:
        return None
    missing = " and no ".join(f"${name}" for name in names)
    return f"There is no {missing} in the SQL: leave {' '.join(f'-p {n}' for n in names)} out."


def _near(name: str, candidates: Iterable[str]) -> list[str]:
    folded = {each.lower(): each for each in candidates}
    return [
        f'"{folded[each]}"'
        for each in difflib.get_close_matches(name.lower(), folded, n=3, cutoff=_NEAR)
    ]


def _columns(sql: str, manifest: Manifest) -> Mapping[str, Sequence[str]]:
    """The columns of the tables whose names stand in the statement."""
    words = {word.lower() for word in re.findall(r"\w+", sql)}
    return {
        name: list(table.schema.names)
        for name, table in sorted(manifest.tables.items())
        if name.partition(".")[2].lower() in words
    }


def _listed(table: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"Columns of {table}: {', '.join(names[:_MOST])}{more}."
