"""Quickly made dataclasses are frozen dataclasses in every other way."""

import copy
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from domain.frozen import maker, quickly_made


@quickly_made
@dataclass(frozen=True, slots=True)
class Thing:
    name: str
    sizes: Mapping[str, int] = field(default_factory=dict)
    weight: int = 1


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    name: str
    weight: int = 1


@pytest.mark.parametrize("change", [setattr, lambda thing, name, _: delattr(thing, name)])
def test_nothing_can_be_changed(change: object) -> None:
    """Neither a field nor anything else."""
    for name in ("name", "weight", "other"):
        for thing in (Thing("a"), Named(name="a"), replace(Thing("a"), name="b")):
            with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
                change(thing, name, 2)  # type: ignore[operator]
            assert thing.weight == 1


def test_it_is_of_its_own_class() -> None:
    """Equal things are equal, and have the same hash and words."""
    assert type(Thing("a")) is Thing
    assert Thing("a") == Thing("a", {}, 1) != Thing("a", weight=2)
    assert hash(Named(name="a")) == hash(Named(name="a", weight=1))
    assert repr(Named(name="a")) == "Named(name='a', weight=1)"
    assert [each.name for each in fields(Thing)] == ["name", "sizes", "weight"]


def test_defaults_are_not_shared() -> None:
    """A factory is called for each."""
    assert Thing("a").sizes is not Thing("b").sizes


@pytest.mark.parametrize("arguments", [(), ("a", {}, 1, 2)])
def test_arguments_are_checked(arguments: tuple[object, ...]) -> None:
    """As those of any function."""
    with pytest.raises(TypeError):
        Thing(*arguments)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Named("a")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))]
)
def test_copies_are_frozen_too(copied: object) -> None:
    """And equal to what they are copies of."""
    thing = copied(Thing("a", {"b": 1}, 2))  # type: ignore[operator]
    assert (type(thing), thing) == (Thing, Thing("a", {"b": 1}, 2))
    with pytest.raises(FrozenInstanceError):
        thing.name = "b"


def test_a_maker_makes_the_same() -> None:
    """With the same arguments and defaults."""
    assert maker(Thing)("a", weight=2) == Thing("a", weight=2)
    assert type(maker(Thing)("a")) is Thing
    assert maker(Thing)("a").sizes is not maker(Thing)("a").sizes
    assert maker(Named)(name="a") == Named(name="a")
    with pytest.raises(TypeError):
        maker(Named)("a")  # type: ignore[call-arg]
    with pytest.raises(FrozenInstanceError):
        maker(Thing)("a").name = "b"  # type: ignore[misc]
