"""What a walk over a source's recording found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from domain.requests import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCheck:
    """The result; a source is sound when there are no complaints.

    Attributes:
        place: where the recording lies.
        rows: number of records by table.
        requests: asked in all; `missing` are those that the recording has no answer for.
        complaints: what is wrong.
        notes: what is worth knowing.
        unread: members of the answers that make no difference to any table or request.
    """

    source: str
    place: str
    rows: Mapping[str, int]
    requests: int
    missing: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Nothing is wrong."""
        return not self.complaints


type FindUnread = Callable[[Response, Callable[[Response], object]], Mapping[str, bool]]
"""From an answer, and what one is read as, to the paths of its members: True for those without
which it is read the same."""
