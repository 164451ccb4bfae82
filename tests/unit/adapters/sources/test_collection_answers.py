"""The answer about a collection."""

import json
from datetime import date
from typing import Any

import pytest

from adapters.sources.json_documents import decode
from adapters.sources.nft.collection_answers import collection_record, contracts, item_total
from adapters.sources.opensea import SOURCE
from domain.errors import ParseError
from tests.contracts.record_shape import assert_fits
from tests.fakes.recorded_answers import recorded


def _recorded(slug: str) -> dict[str, Any]:
    answer: dict[str, Any] = decode(recorded(f"opensea/collection_{slug}.json").body)
    return answer


def test_a_recorded_collection_becomes_a_row() -> None:
    """Every column, as it was sent."""
    record = collection_record(_recorded("gnars-v2"), "gnars-v2")
    assert_fits(SOURCE, {"collections": [record]})
    assert record[:2] == ("gnars-v2", "Gnars")
    assert record[4:9] == ("pfps", 4117, None, date(2022, 6, 21), "not_requested")
    assert record[9] == [("0x558bfff0d583416f7c4e380625c7865821b8e95c", "ethereum")]
    assert record[11:] == ("http://gnars.com", "https://opensea.io/collection/gnars-v2")


def test_a_collection_without_contracts_is_a_row_too() -> None:
    """Empty texts are null, an empty list of contracts stays one."""
    record = collection_record(_recorded("binance"), "binance")
    assert_fits(SOURCE, {"collections": [record]})
    assert (record[3], record[9]) == (None, [])


def test_contracts_that_make_no_sense_are_left_out() -> None:
    """Each address and chain once."""
    found: list[Any] = [
        {"address": "0xaa", "chain": "base"},
        {"address": "0xaa", "chain": "base"},
        {"address": "0xaa", "chain": None},
        {"address": "", "chain": "base"},
        {"chain": "base"},
        "0xbb",
        None,
    ]
    assert contracts({"contracts": found}) == [("0xaa", "base"), ("0xaa", None)]
    assert contracts({"contracts": "0xaa"}) == []
    assert contracts({}) == []


@pytest.mark.parametrize(
    ("members", "total"),
    [
        ('{"unique_item_count": 5, "total_supply": 9}', 5),
        ('{"unique_item_count": 0, "total_supply": 9}', 9),
        ('{"total_supply": 7.872E7}', 78_720_000),
        ('{"total_supply": 1.5}', None),
        ('{"total_supply": 1000000000000}', None),
        ('{"total_supply": -1}', None),
        ('{"total_supply": true}', None),
        ('{"total_supply": "9"}', None),
        ("{}", None),
    ],
)
def test_the_total_is_what_the_list_should_hold(members: str, total: int | None) -> None:
    """Different tokens, else the supply where that can be a number of NFTs."""
    assert item_total(decode(members.encode())) == total


@pytest.mark.parametrize("value", ["2022-02-30", "0000-01-01", "soon", "", 7, None])
def test_f082_a_day_that_does_not_exist_is_null(value: object) -> None:
    """It costs a value, not the row."""
    record = collection_record({"collection": "x", "created_date": value}, "x")
    assert record[7] is None


def test_f071_numbers_beyond_64_bits_are_null() -> None:
    """A column of 64 bits cannot hold them."""
    answer = decode(json.dumps({"collection": "x", "total_supply": 1 << 63}).encode())
    assert collection_record(answer, "x")[5] is None


@pytest.mark.parametrize("answer", [{}, [], None, {"collection": 5}, {"errors": ["no"]}])
def test_an_answer_that_is_no_collection_is_an_error(answer: object) -> None:
    """Also with status 200."""
    with pytest.raises(ParseError, match="The answer for x is not a collection"):
        collection_record(answer, "x")
