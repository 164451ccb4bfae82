"""Targets that name several places, so many of which are asked for in one request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from adapters.sources.declared.section import Section
from adapters.sources.declared.targets import TargetRules
from domain.errors import ParseError, UsageError

ANSWERS = ("apart", "together")
PLACE = "place"
_MOST, _AT_ONCE = 50, 1


@dataclass(frozen=True, slots=True)
class PlaceRules:
    """How places stand in a target, in a request, and in its answer.

    Attributes:
        place: the form of one place; its named groups are values of that place.
        separator: between the places of a target.
        most: places of a target.
        at_once: places of a request.
        joined_by: between the values of several places in a request.
        apart: an answer holds one answer for each place, in order; for one place, itself.
    """

    place: TargetRules
    separator: str
    most: int
    at_once: int
    joined_by: str
    apart: bool

    def check(self, target: str) -> str:
        """The target as the source spells it; UsageError where a part of it is no place."""
        parts = dict.fromkeys(each.strip() for each in target.split(self.separator))
        if not 1 <= len(parts) <= self.most:
            message = f"A target names 1 to {self.most} places, joined by {self.separator!r}."
            raise UsageError(message)
        return self.separator.join(dict.fromkeys(map(self.place.check, parts)))

    def batches(self, target: str) -> list[list[str]]:
        """The places of each request."""
        return [list(each) for each in batched(target.split(self.separator), self.at_once)]

    def values(self, place: str) -> Mapping[str, str]:
        """What a place is called, and its parts."""
        return {PLACE: place, **self.place.groups(place)}

    def joined(self, places: Sequence[str]) -> Mapping[str, str]:
        """The values of several places, as a request has them."""
        each = [self.values(place) for place in places]
        return {name: self.joined_by.join(one[name] for one in each) for name in each[0]}

    def parts(self, value: Any, places: Sequence[str]) -> Sequence[tuple[Any, Mapping[str, str]]]:
        """The answer of each place with the place's values; else the answer with those of all.

        Raises:
            ParseError: there is not one answer for each place.
        """
        if not self.apart:
            return [(value, self.values(places[0]) if self.at_once == 1 else {})]
        answers = value if type(value) is list else [value]
        if len(answers) != len(places):
            message = f"{len(answers)} answers came for {len(places)} places."
            raise ParseError(message)
        return [(one, self.values(each)) for one, each in zip(answers, places, strict=True)]


def read_places(section: Section, place: TargetRules) -> PlaceRules:
    """The `[places]` of a declaration."""
    rules = PlaceRules(
        place,
        section.text("separator", "+"),
        section.integer("most", _MOST),
        section.integer("at_once", _AT_ONCE),
        section.text("joined_by", ","),
        section.choice("answers", ANSWERS, ANSWERS[0]) == ANSWERS[0],
    )
    for name, least in (("most", rules.most), ("at_once", rules.at_once)):
        if least < 1:
            raise section.fail(name, "must be at least 1.")
    if not rules.separator:
        raise section.fail(name="separator", complaint="must not be empty.")
    section.end()
    return rules
