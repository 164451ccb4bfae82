"""The source registry port."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

from domain.sources import Source

BUILT_IN = "built-in"
"""The origin of sources that come with the program."""


class SourceRegistry(Protocol):
    """All sources by name."""

    @abstractmethod
    def all(self) -> Sequence[Source]:
        """Every source, by domain and name; the first of a domain is its default."""

    @abstractmethod
    def get(self, domain: str, name: str | None = None) -> Source:
        """The named source of a domain, or the domain's default one.

        Raises:
            NotFoundError: unknown domain or source, with suggestions.
        """

    @abstractmethod
    def origin(self, name: str) -> str:
        """Where a source comes from: BUILT_IN, the file that declares it, or a package.

        Raises:
            NotFoundError: unknown name, with suggestions.
        """
