"""Errors that an upstream states in a body, or by a status."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.sources.declared.paths import finder
from adapters.sources.declared.section import Section
from adapters.sources.json_documents import text
from domain.errors import FetchError, NotFoundError, ParseError, PermanentError, RefusedError

KINDS = ("not_found", "unreadable", "refused", "failed")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that an upstream says.

    Attributes:
        status: the HTTP status it comes with; 0 for one that is a success.
        find: where the words are in a body.
        pattern: what the words look like.
        kind: which error it is.
        what: what was not found.
        hint: what a person may do.
    """

    status: int
    find: Callable[[Any], Any]
    pattern: re.Pattern[str]
    kind: str
    what: str
    hint: str

    def error(self, target: str, words: str) -> Exception:
        """The domain's error."""
        if self.kind == "not_found":
            return NotFoundError(self.what, target, (), self.hint)
        said = f"The upstream says of {target}: {words[:200]}"
        if self.kind == "unreadable":
            return ParseError(said)
        return (RefusedError if self.kind == "refused" else PermanentError)(said)


def read_complaints(sections: Sequence[Section]) -> list[Complaint]:
    """The `[[errors]]` of a declaration."""
    found = []
    for each in sections:
        found.append(
            Complaint(
                each.integer("status", 0),
                finder(each.text("path", "")),
                each.pattern("pattern", ""),
                each.choice("kind", KINDS),
                each.text("what", "target"),
                each.text("hint", ""),
            )
        )
        each.end()
    return found


def raise_stated(complaints: Sequence[Complaint], target: str, value: Any) -> None:
    """Raise what a body with a good status says, if it says that something is wrong."""
    for each in complaints:
        words = None if each.status else text(each.find(value))
        if words is not None and each.pattern.search(words):
            raise each.error(target, words)


def raise_by_status(
    complaints: Sequence[Complaint], target: str, error: FetchError | ParseError
) -> None:
    """Raise what a failed request means."""
    status = error.status if isinstance(error, FetchError) else None
    for each in complaints:
        if status and each.status == status and each.pattern.search(str(error)):
            raise each.error(target, str(error)) from error
    raise error
