"""Frozen dataclasses that are made as fast as others."""

from dataclasses import fields, make_dataclass
from functools import partial
from typing import Any


def quickly_made[T](cls: type[T]) -> type[T]:
    """The same frozen dataclass with slots, made in less than half the time; not to be subclassed.

    A frozen dataclass sets each field around its own `__setattr__`. Here an instance comes into
    being as one of a subclass that is open to plain assignments, and is closed by changing its
    class before anybody has seen it.
    """

    def close(self: Any) -> None:
        self.__class__ = cls

    def restore(self: Any, state: Any) -> None:
        cls.__setstate__(self, state)  # type: ignore[attr-defined]  # dataclasses make it
        close(self)

    own = [(each.name, each.type, each) for each in fields(cls)]  # type: ignore[arg-type]
    plain = make_dataclass(cls.__name__, own, namespace={"__post_init__": close})
    members = {
        "__slots__": (),
        "__new__": object.__new__,
        "__init__": vars(plain)["__init__"],
        "__post_init__": close,
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,  # the two are one: without it both are slow
        "__setstate__": restore,
    }
    opened = type(cls.__name__, (cls,), members)
    cls.__new__ = partial(object.__new__, opened)  # type: ignore[method-assign]
    return cls
