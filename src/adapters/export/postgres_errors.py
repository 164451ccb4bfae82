"""PostgreSQL's errors in the words of the domain."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors

from adapters.export.postgres_address import PostgresAddress
from domain.errors import ConfigurationError, ExportError, PipelineError

_NOTHING = "Nothing has changed there."
_REFUSED = (
    errors.InvalidAuthorizationSpecification,
    errors.InvalidPassword,
    errors.InvalidCatalogName,
    errors.InsufficientPrivilege,
)
_LOGIN = (
    "password authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "does not exist",
    "not permitted to log in",
    "service",
    "certificate",
    "permission denied for database",
)
_ADVICE: dict[type[psycopg.Error], str] = {
    errors.LockNotAvailable: (
        "Somebody has been using the table for too long, or another export writes it. "
        "Run the command again."
    ),
    errors.DependentObjectsStillExist: (
        "Views or other objects depend on the table, and would be lost with it: drop them "
        "first, or let them read a table of your own that you fill from it."
    ),
    errors.DiskFull: "The disk of the server is full.",
    errors.UntranslatableCharacter: "Create the database with the encoding UTF8.",
}


@contextmanager
def postgres_errors(address: PostgresAddress) -> Iterator[None]:
    """ConfigurationError when we are refused, ExportError for all else.

    Messages of the server name users, databases and tables, never a password.
    """
    try:
        yield
    except psycopg.Error as error:
        raise _translated(error, address) from error
    except UnicodeError as error:
        message = f"{address}: a name or a value is not text: {error}. {_NOTHING}"
        raise ExportError(message) from error


def _translated(error: psycopg.Error, address: PostgresAddress) -> PipelineError:
    said = (error.diag.message_primary or str(error)).strip()
    if error.diag.message_detail:
        said += f" ({' '.join(error.diag.message_detail.split())[:300]})"
    if isinstance(error, _REFUSED):
        return ConfigurationError(f"{address} refuses: {said}. {_NOTHING}")
    if error.sqlstate is None and any(each in str(error) for each in _LOGIN):
        message = (
            f"{address} refuses: {said}. Give the password in PGPASSWORD, ~/.pgpass or a "
            "service file."
        )
        return ConfigurationError(message)
    advice = next((text for kind, text in _ADVICE.items() if isinstance(error, kind)), "")
    return ExportError(" ".join(filter(None, (f"{address}: {said}.", advice, _NOTHING))))
