"""A list that is made when somebody looks at it."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import overload


class LateList[T](Sequence[T]):
    """Made once, by a blocking call, at the first look; nobody waits for what nobody wants."""

    def __init__(self, make: Callable[[], Sequence[T]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Sequence[T]:
        return self._make()

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._made[index]
