"""Names that a declaration may give to what can be asked in SQL."""

import re

TABLE = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
"""A source, a domain or a table."""

COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}", re.ASCII)
"""Names with an underscore in front are the program's own."""

RESERVED = frozenset(
    {"information_schema", "main", "memory", "meta", "pg_catalog", "system", "temp"}
)
"""Schemas that are there already."""
