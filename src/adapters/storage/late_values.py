"""A list whose members are made when somebody looks at them."""

from collections.abc import Callable, Sequence
from typing import overload


class LateValues[T](Sequence[T]):
    """Each member is made once, by its own maker; nobody waits for those that nobody wants.

    Args:
        makers: one a member.
    """

    def __init__(self, makers: Sequence[Callable[[], T]]) -> None:
        self._makers = makers
        self._made: dict[int, T] = {}

    def __len__(self) -> int:
        return len(self._makers)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        at = range(len(self))[index]
        if at not in self._made:
            self._made[at] = self._makers[at]()
        return self._made[at]
