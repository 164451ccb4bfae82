"""Findings about an installation (`app doctor`)."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"  # works, but not as well as it could
    FAILURE = "failure"  # something will not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `advice` says what to do about it, empty when all is well."""

    name: str
    level: Level
    detail: str
    advice: str = ""
