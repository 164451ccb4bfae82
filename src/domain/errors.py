"""Every error that leaves a port, and what the caller should do about it.

PipelineError
├── ConfigurationError            fix the configuration             exit 3
│   ├── MissingKeyError           set a key
│   └── DataFolderError           the data folder cannot be used as it is
├── UsageError                    ask differently                   exit 2
├── NotFoundError                 no such domain, source, target…   exit 5
├── RunLockedError                wait for the other run            exit 8
├── FetchError                    one request failed
│   ├── RetryableError            worth repeating, now or later     exit 7
│   │   ├── ThrottledError        the upstream says: slower
│   │   └── UpstreamDownError     given up for this run; nothing was sent
│   ├── PermanentError            repeating will not help           exit 1
│   │   ├── RefusedError          401 or 403 on our own source      exit 4
│   │   └── NotCachedError        offline, and not in the cache     exit 1
│   └── HostileError              never ask this again              exit 1
├── ParseError                    an answer that cannot be read     exit 1
│   └── CursorLoopError           a list that never ends            exit 1
├── StorageError                  writing or reading failed         exit 1
│   └── DamagedStagingError       a stopped run cannot go on        begin anew
├── RunFailedError                a run gave up; nothing published  exit 1
├── ExportError                   the other side took no copy       exit 1
├── QueryError                    SQL that does not run             exit 1
│   └── StatementRefusedError     SQL that is not allowed here      exit 1
└── QueryTimeoutError             the query's time is over          exit 124
"""

import difflib
from collections.abc import Iterable


class PipelineError(Exception):
    """Root of all errors that callers are meant to handle."""


class ConfigurationError(PipelineError):
    """The operator must act: a setting, a key or a permission is wrong."""


class MissingKeyError(ConfigurationError):
    """A source needs a key that is not set."""

    def __init__(self, source: str, variable: str, where: str) -> None:
        self.source = source
        self.variable = variable
        super().__init__(f"{source} needs a key: set {variable} (get one at {where}).")


class DataFolderError(ConfigurationError):
    """The data folder cannot be used: rights, a file in its place, or a newer format."""


class UsageError(PipelineError):
    """The request makes no sense as it was put."""


class NotFoundError(PipelineError):
    """A name that is not known; carries the nearest known ones."""

    def __init__(self, what: str, name: str, known: Iterable[str] = (), hint: str = "") -> None:
        self.what = what
        self.name = name
        self.hint = hint
        self.suggestions = _nearest(name, known)
        message = f"No {what} named {name!r}."
        if self.suggestions:
            message += " Did you mean " + " or ".join(self.suggestions) + "?"
        if hint:
            message += " " + hint
        super().__init__(message)


def _nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Up to three of the known names, the most similar first, whatever their case."""
    spelled = {each.casefold(): each for each in sorted(known, reverse=True)}
    near = difflib.get_close_matches(name.casefold(), spelled, n=3, cutoff=0.5)
    return tuple(spelled[each] for each in near)


class RunLockedError(PipelineError):
    """Another run of the same target is under way."""

    def __init__(self, domain: str, target: str, holder: str) -> None:
        self.holder = holder
        super().__init__(
            f"{domain} {target} is being ingested by {holder}. "
            "Wait for it to end, then run the command again."
        )


class FetchError(PipelineError):
    """One request failed.

    Attributes:
        url: the address asked, without secrets.
        status: the HTTP status, where there was an answer.
    """

    def __init__(self, reason: str, *, url: str = "", status: int | None = None) -> None:
        self.reason = reason
        self.url = url
        self.status = status
        super().__init__(f"{reason} ({url})" if url else reason)


class RetryableError(FetchError):
    """Worth repeating: a broken connection, a 5xx, an answer that was cut off.

    Attributes:
        retry_after: seconds the upstream asked to wait, already clamped; None if it did not say.
    """

    def __init__(
        self,
        reason: str,
        *,
        url: str = "",
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.retry_after = retry_after
        super().__init__(reason, url=url, status=status)


class ThrottledError(RetryableError):
    """The upstream limits us (429, 418, 599, or a body that says so)."""


class UpstreamDownError(RetryableError):
    """A host that failed again and again is not asked any more; nothing was sent."""


class PermanentError(FetchError):
    """Repeating the request will not help."""


class RefusedError(PermanentError):
    """Our own source refuses us (401, 403)."""


class NotCachedError(PermanentError):
    """Nobody may be asked, and the cache has no answer."""


class HostileError(FetchError):
    """An address or an answer that must never be asked for again."""


class ParseError(PipelineError):
    """An answer arrived whole and cannot be read as what was asked for."""


class CursorLoopError(ParseError):
    """A list names a page that was already walked."""

    def __init__(self, cursor: str) -> None:
        super().__init__(f"The list repeats its cursor {cursor[:80]!r}: it would never end.")


class StorageError(PipelineError):
    """Writing or reading the data folder failed."""


class DamagedStagingError(StorageError):
    """What a stopped run has staged is not what its checkpoint says."""


class RunFailedError(PipelineError):
    """A run gave up; the version published before is untouched."""


class ExportError(PipelineError):
    """A copy could not be made at its destination, which is as it was."""


class QueryError(PipelineError):
    """SQL that does not parse, bind or run."""


class StatementRefusedError(QueryError):
    """SQL that would write, or reach outside the catalog."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"Refused: {what}. Queries only read: one SELECT, DESCRIBE, SUMMARIZE, SHOW or "
            "EXPLAIN statement at a time, over the tables that `app datasets` lists."
        )


class QueryTimeoutError(PipelineError):
    """A query took longer than it may."""
