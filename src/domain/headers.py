"""HTTP header fields: ordered, repeated, case-insensitive (RFC 9110 section 5)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Self


class Headers:
    """An immutable list of header fields; names are kept in lower case."""

    __slots__ = ("_by_name", "_fields")

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields = tuple([(name.lower(), value) for name, value in fields])
        self._by_name: dict[str, str] | None = None

    @classmethod
    def of_lower_case(cls, fields: Iterable[tuple[str, str]]) -> Self:
        """A list whose names are known to be in lower case."""
        headers = object.__new__(cls)
        headers._fields = tuple(fields)
        headers._by_name = None
        return headers

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields in order."""
        return self._fields

    @property
    def by_name(self) -> Mapping[str, str]:
        """What `get` gives, by name in lower case; made when first asked for.

        The rules of caching ask for some ten fields an answer.
        """
        by_name = self._by_name
        return self._index() if by_name is None else by_name

    def without(self, names: frozenset[str]) -> "Headers":
        """The list without the fields of these names, in lower case; itself where it has none."""
        by_name = self._by_name
        if by_name is None:
            by_name = self._index()
        if names.isdisjoint(by_name):
            return self
        return Headers.of_lower_case([field for field in self._fields if field[0] not in names])

    def get(self, name: str) -> str | None:
        """All values of a field joined by commas (RFC 9110 section 5.3); None if absent."""
        by_name = self._by_name
        if by_name is None:
            by_name = self._index()
        return by_name.get(name.lower())

    def get_all(self, name: str) -> list[str]:
        """The values of a field, one for each line."""
        wanted = name.lower()
        return [value for field, value in self._fields if field == wanted]

    def __contains__(self, name: str) -> bool:
        by_name = self._by_name
        if by_name is None:
            by_name = self._index()
        return name.lower() in by_name

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self._fields == other._fields

    def __hash__(self) -> int:
        return hash(self._fields)

    def __repr__(self) -> str:
        return f"Headers({', '.join(name for name, _ in self._fields)})"

    def _index(self) -> dict[str, str]:
        by_name = dict(self._fields)
        if len(by_name) < len(self._fields):
            by_name = {}
            for name, value in self._fields:
                known = by_name.get(name)
                by_name[name] = value if known is None else f"{known}, {value}"
        self._by_name = by_name
        return by_name
