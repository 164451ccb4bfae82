"""Answers of `/api/xbrl/companyfacts/CIK##########.json`."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from adapters.sources.json_documents import short_text, text
from domain.errors import ParseError
from domain.tables import Record

_LARGEST = 2**63
_DATE_LENGTH = 10


def read_facts(answer: Any, symbol: str, cik: str) -> Iterator[Record]:
    """Every stated fact.

    Raises:
        ParseError: the answer is none of facts.
    """
    taxonomies = answer.get("facts") if type(answer) is dict else None
    if type(taxonomies) is not dict:
        message = f"The facts of {symbol} are not there."
        raise ParseError(message)
    for taxonomy, concepts in taxonomies.items():
        for concept, stated in _members(concepts, symbol):
            label = short_text(stated.get("label")) if type(stated) is dict else None
            for unit, facts in _members(_units(stated), symbol):
                if type(facts) is not list:
                    message = f"The facts of {symbol} on {concept[:60]} are not a list."
                    raise ParseError(message)
                for fact in facts:
                    yield _record((symbol, cik, taxonomy, concept, unit), fact, label)


def _members(value: Any, symbol: str) -> Iterator[tuple[str, Any]]:
    if type(value) is not dict:
        message = f"The facts of {symbol} are not in the form of the SEC."
        raise ParseError(message)
    yield from value.items()


def _units(stated: Any) -> Any:
    return stated.get("units") if type(stated) is dict else None


def _record(key: tuple[str, ...], fact: Any, label: str | None) -> Record:
    if type(fact) is not dict:
        message = f"A fact of {key[0]} is not an object."
        raise ParseError(message)
    start, end = day(fact.get("start")), day(fact.get("end"))
    period = None if end is None else f"{start}/{end}" if start else str(end)
    value = fact.get("val")
    return (
        *key,
        period,
        start,
        end,
        _double(value),
        None if type(value) is str else text(value),
        year(fact),
        text(fact.get("fp")),
        text(fact.get("form")),
        day(fact.get("filed")),
        text(fact.get("accn")),
        text(fact.get("frame")),
        label,
    )


def year(fact: Mapping[str, Any]) -> int | None:
    """The fiscal year."""
    value = fact.get("fy")
    return value if type(value) is int and 0 < value <= date.max.year else None


def day(value: Any) -> date | None:
    """A day as `2025-12-31`; None for all else."""
    if type(value) is not str or len(value) != _DATE_LENGTH:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _double(value: Any) -> float | None:
    fits = isinstance(value, float) or (type(value) is int and abs(value) < _LARGEST)
    return float(value) if fits else None
