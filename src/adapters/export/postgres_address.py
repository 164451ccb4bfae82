"""Where a PostgreSQL database is, without its password wherever it is shown."""

from collections.abc import Mapping

import psycopg
from psycopg.conninfo import conninfo_to_dict

from domain.errors import UsageError

_SCHEMES = ("postgresql://", "postgres://")
_FIXED = {"client_encoding": "utf8", "application_name": "automated-data-pipeline"}
_USUAL = {"connect_timeout": "15", "keepalives_idle": "30"}


class PostgresAddress:
    """A connection URI of libpq.

    What it leaves out comes from libpq's own places: PGHOST, PGPASSWORD and their like,
    `~/.pgpass`, and a service file (`postgresql://?service=name`).

    Args:
        url: with or without a password.

    Raises:
        UsageError: it is no such URI; the message does not repeat it.
    """

    def __init__(self, url: str) -> None:
        if not url.startswith(_SCHEMES):
            message = "--to takes a URL such as postgresql://user@host:5432/database."
            raise UsageError(message)
        try:
            given = conninfo_to_dict(url)
        except psycopg.Error:
            message = (
                "--to is not a URL that PostgreSQL's clients understand; in a user name or "
                "password write @ as %40, / as %2F, : as %3A and % as %25."
            )
            # Without its cause, which quotes the URL and so the password.
            raise UsageError(message) from None
        self._given = {name: str(value) for name, value in given.items() if value is not None}

    def __repr__(self) -> str:
        """For logs and tracebacks."""
        return f"PostgresAddress({str(self)!r})"

    def __str__(self) -> str:
        """User, host, port and database, as far as they are given."""
        if "service" in self._given:
            return f"service {self._given['service']}"
        given = self._given
        user = f"{given['user']}@" if "user" in given else ""
        port = f":{given['port']}" if "port" in given else ""
        return f"postgresql://{user}{given.get('host', '')}{port}/{given.get('dbname', '')}"

    @property
    def parameters(self) -> Mapping[str, str]:
        """For `psycopg.connect`; with the password, where one was given."""
        return {**_USUAL, **self._given, **_FIXED}
