"""Traits in every shape that contracts send."""

from typing import Any

import pytest

from adapters.sources.json_documents import decode
from adapters.sources.nft.traits import MAX_TRAITS, list_traits, read_traits
from domain.errors import ParseError

LONG = "73552724610198397480670284492690114609730214421511097849210414928326607694469"


def _read(attributes: str) -> list[Any]:
    return list_traits(decode(attributes.encode()))


SHAPES: dict[str, list[Any]] = {
    "null": [],
    "[]": [],
    "{}": [],
    '""': [],
    "0": [],
    '[{"trait_type": "Hat", "value": "Cap"}]': [("Hat", "Cap", None, None, None)],
    '[[{"trait_type": "Hat", "value": "Cap"}], [[]]]': [("Hat", "Cap", None, None, None)],
    '{"trait_type": "Hat", "value": "Cap"}': [("Hat", "Cap", None, None, None)],
    '[{"Hat": "Cap", "Level": 3}]': [
        ("Hat", "Cap", None, None, None),
        ("Level", "3", 3.0, None, None),
    ],
    '{"Hat": "Cap", "value": 5}': [
        ("Hat", "Cap", None, None, None),
        ("value", "5", 5.0, None, None),
    ],
    '["gold", "", null, 7, true]': [
        (None, "gold", None, None, None),
        (None, "7", 7.0, None, None),
        (None, "true", None, None, None),
    ],
    '"gold"': [(None, "gold", None, None, None)],
    r'"[{\"trait_type\": \"Hat\", \"value\": \"Cap\"}]"': [("Hat", "Cap", None, None, None)],
    '"[not json"': [(None, "[not json", None, None, None)],
    '[{"name": "Hat", "value": "Cap"}]': [("Hat", "Cap", None, None, None)],
    '[{"trait_type": null, "value": "Cap"}]': [(None, "Cap", None, None, None)],
    '[{"trait_type": 7, "value": "Cap"}]': [("7", "Cap", None, None, None)],
    '[{"trait_type": "Hat"}]': [("Hat", None, None, None, None)],
    '[{"trait_type": "Hat", "value": null}]': [("Hat", None, None, None, None)],
    '[{"trait_type": "Hat", "value": ""}]': [("Hat", "", None, None, None)],
    '[{"value": {"a": [1.10, 2]}}]': [(None, '{"a":[1.10,2]}', None, None, None)],
    '[{"trait_type": "On", "value": false}]': [("On", "false", None, None, None)],
    '{"size": {"name": "Size", "value": 3, "display_value": "3 m"}}': [
        ("size", "3", 3.0, None, None)
    ],
    '{"size": {"cm": 3}}': [("size", '{"cm":3}', None, None, None)],
    '[{"trait_type": "Hat", "value": "a"}, {"trait_type": "Hat", "value": "a"}]': [
        ("Hat", "a", None, None, None),
        ("Hat", "a", None, None, None),
    ],
}


@pytest.mark.parametrize("attributes", SHAPES)
def test_f081_every_shape_becomes_rows(attributes: str) -> None:
    """Lists, objects, nested lists, strings and mixtures; in the order they were sent."""
    assert _read(attributes) == SHAPES[attributes]


NUMBERS: dict[str, tuple[str | None, float | None]] = {
    '{"value": 42}': ("42", 42.0),
    '{"value": -14}': ("-14", -14.0),
    '{"value": 1.10}': ("1.10", 1.1),
    '{"value": 1E5}': ("1E5", 100000.0),
    f'{{"value": {LONG}}}': (LONG, float(LONG)),
    f'{{"value": "{LONG}"}}': (LONG, None),
    f'{{"value": "{LONG}", "display_type": "number"}}': (LONG, float(LONG)),
    f'{{"value": {"9" * 400}}}': ("9" * 400, None),
    f'{{"value": "{"9" * 400}", "display_type": "number"}}': ("9" * 400, None),
    '{"value": "12"}': ("12", None),
    '{"value": "12", "display_type": "number"}': ("12", 12.0),
    '{"value": "-1.5e3", "display_type": "boost_number"}': ("-1.5e3", -1500.0),
    '{"value": "5", "display_type": "boost_percentage"}': ("5", 5.0),
    '{"value": "5", "display_type": "None"}': ("5", None),
    '{"value": "5%", "display_type": "number"}': ("5%", None),
    '{"value": "1,000", "display_type": "number"}': ("1,000", None),
    '{"value": "1_000", "display_type": "number"}': ("1_000", None),
    '{"value": "nan", "display_type": "number"}': ("nan", None),
    '{"value": "1e999", "display_type": "number"}': ("1e999", None),
    '{"value": "\u0661", "display_type": "number"}': ("\u0661", None),
    '{"value": true, "display_type": "number"}': ("true", None),
    '{"value": 1633123738, "display_type": "date"}': ("1633123738", 1633123738.0),
    '{"value": 1633123738000, "display_type": "date"}': ("1633123738000", 1633123738.0),
    '{"value": "1633123738000", "display_type": "date"}': ("1633123738000", 1633123738.0),
    '{"value": 1633123738000000, "display_type": "date"}': ("1633123738000000", 1633123738.0),
    '{"value": 1633123738000000000, "display_type": "date"}': (
        "1633123738000000000",
        1633123738.0,
    ),
    '{"value": 1e80, "display_type": "date"}': ("1e80", None),
    '{"value": "2021-10-01", "display_type": "date"}': ("2021-10-01", None),
}


@pytest.mark.parametrize("trait", NUMBERS, ids=lambda trait: trait[:60])
def test_f082_f083_values_keep_their_text_and_numbers_are_finite(trait: str) -> None:
    """The text is exact; dates count in seconds whatever unit they were sent in."""
    [(_, value, number, _, _)] = _read(f"[{trait}]")
    assert (value, number) == NUMBERS[trait]


def test_display_type_and_max_value_are_kept() -> None:
    """As text, whatever their type."""
    trait = '{"trait_type": "L", "value": 1, "display_type": "number", "max_value": 10.50}'
    assert _read(f"[{trait}]") == [("L", "1", 1.0, "number", "10.50")]


def test_attributes_go_before_traits_and_properties() -> None:
    """The first that holds anything counts; `properties` only as an object."""
    one = {"A": "1"}
    assert read_traits({"attributes": one, "traits": {"B": "2"}}) == list_traits(one)
    assert read_traits({"attributes": [], "traits": one}) == list_traits(one)
    assert read_traits({"attributes": None, "properties": one}) == list_traits(one)
    assert read_traits({"properties": ["A"]}) == []
    assert read_traits({}) == []


@pytest.mark.parametrize(
    "found",
    [
        ["x"] * (MAX_TRAITS + 1),
        {str(n): n for n in range(MAX_TRAITS + 1)},
        [["x"] * 600, ["x"] * 600],
        [{str(n): n for n in range(600)}, {str(n): n for n in range(600)}],
    ],
    ids=["list", "object", "nested", "objects"],
)
def test_a_flood_of_traits_is_refused(found: object) -> None:
    """No document makes more than MAX_TRAITS rows."""
    with pytest.raises(ParseError, match="more than 1000 traits"):
        list_traits(found)


def test_as_many_traits_as_allowed_are_read() -> None:
    """The limit is where it is said to be."""
    assert len(list_traits(["x"] * MAX_TRAITS)) == MAX_TRAITS
