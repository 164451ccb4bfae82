"""Columns that Arrow would carry wrongly, or as bytes nobody reads, in types that it carries well.

DuckDB hands a TIMETZ over without its offset, a large UHUGEINT as a negative decimal, and BIT,
GEOMETRY and VARIANT as their inner bytes.
"""

from typing import Any

import duckdb

from domain.sql_names import quoted

_EXACT = {
    "bit": "VARCHAR",
    "geometry": "VARCHAR",
    "time with time zone": "VARCHAR",
    "uhugeint": "BIGNUM",
    "variant": "JSON",
}


def exact(relation: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """The same rows, cast where Arrow would lose something; nested types are looked into.

    Names, order and streaming stay as they are. TIMETZ, BIT and GEOMETRY become text, VARIANT
    becomes JSON, UHUGEINT becomes BIGNUM (whose bytes the result formats read).
    """
    casts = [_exact_type(kind) for kind in relation.types]
    if not any(casts):
        return relation
    columns = [
        f"#{position}{f'::{cast}' if cast else ''} as {quoted(name)}"
        for position, (name, cast) in enumerate(zip(relation.columns, casts, strict=True), 1)
    ]
    return relation.project(", ".join(columns))


def _exact_type(kind: Any) -> str | None:
    """The SQL type to cast to; None for a type that Arrow carries exactly."""
    if kind.id in _EXACT:
        return _EXACT[kind.id]
    if kind.id in {"list", "array"}:
        inner = _exact_type(kind.children[0][1])
        return inner and f"{inner}[{kind.children[1][1] if kind.id == 'array' else ''}]"
    if kind.id not in {"struct", "tuple", "map", "union"}:
        return None
    parts = kind.children[1:] if kind.id == "union" else kind.children  # its tag comes first
    casts = [_exact_type(part) for _, part in parts]
    if not any(casts):
        return None
    named = kind.id in {"struct", "union"}
    inside = ", ".join(
        f"{quoted(name)} {cast or part}" if named else cast or str(part)
        for (name, part), cast in zip(parts, casts, strict=True)
    )
    return f"{kind.id.upper()}({inside})"
