"""What a source promises to fill."""

from dataclasses import dataclass
from enum import StrEnum

from domain.schema import Field, Kind, Schema

type Record = tuple[object, ...]
"""Values in the order of the table's fields."""


class WriteMode(StrEnum):
    """How a run changes what is already there."""

    REPLACE = "replace"  # a full new snapshot of the target
    MERGE = "merge"  # upsert by key into the target's rows


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a source: schema, key and order.

    Attributes:
        name: table name inside the domain's schema ("nfts").
        key: columns that identify a row within a target.
        sort: columns the published file is ordered by; the key when empty.
        meaning: what one row is, in a sentence.
    """

    name: str
    schema: Schema
    key: tuple[str, ...]
    sort: tuple[str, ...] = ()
    mode: WriteMode = WriteMode.REPLACE
    meaning: str = ""

    @property
    def order(self) -> tuple[str, ...]:
        """Columns of the published order."""
        return self.sort or self.key


PROVENANCE = (
    Field("_run_id", Kind.STRING, "the run that published the row"),
    Field("_fetched_at", Kind.TIMESTAMP, "when the answer that holds the row was received"),
)
"""Columns that every stored row carries after the source's own."""
