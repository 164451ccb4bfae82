"""What a run has put on the disk and not yet published, as its checkpoint names it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class StagedFile:
    """The beginning of a file that only grows: what follows it belongs to no checkpoint.

    Attributes:
        name: within the run's staging area; empty while there is no such file.
        rows: rows in these bytes.
        bytes: length of the beginning.
        sha256: of these bytes, in hex.
    """

    name: str = ""
    rows: int = 0
    bytes: int = 0
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class StagedTable:
    """One table of a run.

    Attributes:
        fetched: records that came in, those kept out included.
        kept: records on their way into the table.
        kept_out: records on their way into quarantine.
    """

    fetched: int = 0
    kept: StagedFile = StagedFile()
    kept_out: StagedFile = StagedFile()


def staged_to_json(tables: Mapping[str, StagedTable]) -> dict[str, Any]:
    """The tables as JSON values."""
    return {name: asdict(table) for name, table in tables.items()}


def staged_from_json(value: Mapping[str, Any]) -> dict[str, StagedTable]:
    """What `staged_to_json` wrote; KeyError or TypeError when it is something else."""
    return {
        name: StagedTable(
            int(table["fetched"]), StagedFile(**table["kept"]), StagedFile(**table["kept_out"])
        )
        for name, table in value.items()
    }
