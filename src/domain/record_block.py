"""Records by column."""

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import overload

from domain.tables import Record


class RecordBlock(Sequence[Record]):
    """Records of one item: the first columns say the same in all of them, the others follow.

    It is what the list of the same records would be, without making them one by one.

    Attributes:
        common: values of the first columns, for all records.
        columns: values of each further column, by record; at least one, all as long.
    """

    __slots__ = ("columns", "common")
    __hash__ = None  # type: ignore[assignment]  # as a list

    def __init__(self, common: Record, columns: Sequence[Sequence[object]]) -> None:
        self.common = common
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    def __iter__(self) -> Iterator[Record]:
        count = len(self)
        common = [repeat(value, count) for value in self.common]
        return zip(*common, *self.columns, strict=True)

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Record]: ...
    def __getitem__(self, at: int | slice) -> Record | Sequence[Record]:
        return [*self][at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    def __repr__(self) -> str:
        return repr([*self])
