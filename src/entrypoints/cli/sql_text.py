"""Finds the SQL of `app query`: an argument, a file, or stdin."""

import sys
from pathlib import Path

from domain.errors import UsageError

_STDIN = "-"


def read_sql(given: str | None, file: Path | None) -> str:
    """The statement, not empty.

    Raises:
        UsageError: none or two of them, an unreadable file, or text that is not UTF-8.
    """
    if given is not None and file is not None:
        message = "Give the SQL or -f FILE, not both."
        raise UsageError(message)
    if file is not None and str(file) != _STDIN:
        return _checked(_file(file), str(file))
    if given not in (None, _STDIN):
        return _checked(given, "The SQL")
    if given is None and file is None and sys.stdin.isatty():
        message = 'There is no SQL: app query "select * from nfts limit 10".'
        raise UsageError(message)
    return _checked(_decoded(sys.stdin.buffer.read(), "stdin"), "stdin")


def _file(file: Path) -> str:
    try:
        return _decoded(file.read_bytes(), str(file))
    except OSError as error:
        message = f"-f {file} cannot be read: {error.strerror}."
        raise UsageError(message) from error


def _decoded(content: bytes, where: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{where} is not UTF-8 text."
        raise UsageError(message) from error


def _checked(sql: str, where: str) -> str:
    if not sql.strip():
        message = f"{where} is empty: a statement that reads is expected."
        raise UsageError(message)
    return sql
