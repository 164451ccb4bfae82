"""An engine's errors in the words of the domain."""

import difflib
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from domain.errors import QueryError, QueryTimeoutError

_UNKNOWN_TABLE = re.compile(r"Table with name (\S+) does not exist")
_DUCKDB_GUESS = re.compile(r"\nDid you mean [^\n]*")


def too_long(seconds: float) -> str:
    """What is said of a statement that was ended for its time."""
    return f"The query took longer than {seconds:g} seconds (--timeout)."


@contextmanager
def translated(seconds: float, tables: Sequence[str]) -> Generator[None]:
    """Turns what DuckDB and Arrow raise into domain errors.

    Args:
        seconds: how long the statement might take.
        tables: qualified names that could have been meant by one that does not exist.
    """
    try:
        yield
    except duckdb.InterruptException as error:
        raise QueryTimeoutError(too_long(seconds)) from error
    except (duckdb.Error, pa.ArrowException, OSError) as error:  # Arrow makes an OSError of both
        text = str(error)
        if "max_execution_time" in text or "INTERRUPT" in text:
            raise QueryTimeoutError(too_long(seconds)) from error
        raise QueryError(_with_suggestion(text, tables)) from error


def _with_suggestion(text: str, tables: Sequence[str]) -> str:
    unknown = _UNKNOWN_TABLE.search(text)
    if unknown is None:
        return text
    text = _DUCKDB_GUESS.sub("", text)  # only the views of the statement exist for DuckDB
    full = {name.partition(".")[2]: name for name in tables} | {name: name for name in tables}
    near = difflib.get_close_matches(unknown[1].rstrip("!"), full, n=3, cutoff=0.5)
    if near:
        once = {full[name]: name for name in reversed(near)}
        return f"{text}\nNearest tables here: {', '.join(reversed(once.values()))}."
    return f"{text}\nTables here: {', '.join(tables)}."
