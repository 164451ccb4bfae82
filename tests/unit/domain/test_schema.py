"""Schemas: columns in an order, and a fingerprint of names and types."""

from dataclasses import replace

import pytest

from domain.schema import Field, FieldType, Kind, ListOf, Schema, StructOf

PAIR = StructOf((Field("address", Kind.STRING), Field("chain", Kind.STRING)))
SCHEMA = Schema((Field("id", Kind.STRING, "a name"), Field("contracts", ListOf(PAIR))))


def test_columns_are_found_by_name() -> None:
    """In the order asked for."""
    assert SCHEMA.names == ("id", "contracts")
    assert SCHEMA.positions(["contracts", "id"]) == (1, 0)
    assert SCHEMA.positions([]) == ()
    with pytest.raises(KeyError, match="nothing"):
        SCHEMA.positions(["nothing"])


@pytest.mark.parametrize(
    "field_type",
    [
        PAIR,
        ListOf(ListOf(PAIR)),
        ListOf(Kind.STRING),
        ListOf(StructOf(PAIR.members[:1])),
        ListOf(StructOf(tuple(reversed(PAIR.members)))),
        ListOf(StructOf((PAIR.members[0], Field("chain", Kind.INTEGER)))),
    ],
)
def test_the_fingerprint_sees_every_type_however_deep(field_type: FieldType) -> None:
    """Sixteen hex digits, the same for the same columns."""
    changed = Schema((SCHEMA.fields[0], replace(SCHEMA.fields[1], type=field_type)))

    assert changed.fingerprint != SCHEMA.fingerprint
    assert len(bytes.fromhex(SCHEMA.fingerprint)) == 8
    assert Schema(SCHEMA.fields).fingerprint == SCHEMA.fingerprint


def test_the_fingerprint_sees_names_and_order_and_passes_over_meanings() -> None:
    """Better words for a column are no new schema."""
    first, second = SCHEMA.fields

    assert Schema((replace(first, name="key"), second)).fingerprint != SCHEMA.fingerprint
    assert Schema((second, first)).fingerprint != SCHEMA.fingerprint
    assert Schema((replace(first, meaning="other"), second)).fingerprint == SCHEMA.fingerprint
