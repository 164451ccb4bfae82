"""What a request to the sandbox asks, and how an upstream of it answers."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from entrypoints.sandbox.answers import Answer


@dataclass(frozen=True, slots=True)
class Asked:
    """A GET request.

    Attributes:
        path: decoded, without the query.
        query: the last value of each parameter.
        headers: names in lower case.
        origin: the address that the client named.
        now: epoch seconds.
    """

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    origin: str
    now: float


class Upstream(Protocol):
    """One upstream of the sandbox."""

    @abstractmethod
    def answer(self, asked: Asked) -> Answer | None:
        """The answer; None where the path is not the upstream's."""
