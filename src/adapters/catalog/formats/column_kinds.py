"""What the SQL type of a column means for its looks."""

import re

from application.ports.query_engine import Column

_NUMBER = re.compile(
    r"(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|BIGNUM|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\))"
)


def is_number(column: Column) -> bool:
    """Whether a column's values are aligned to the right."""
    return _NUMBER.fullmatch(column.type) is not None
