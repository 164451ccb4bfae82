"""Failed SQL: what may have been meant."""

import pytest

from application.ports.query_engine import Query
from application.query_hints import with_hints
from domain.manifest import Manifest, TableVersion
from domain.schema import Field, Kind, Schema

CARET = "\n\nLINE 1: select naame from items\n               ^^^^^"


def told(message: str, sql: str = "select naame from items", **parameters: str) -> str:
    fields = tuple(Field(name, Kind.STRING) for name in ("id", "name", "status"))
    items = TableVersion(Schema(fields), ("id",))
    manifest = Manifest(version=1, tables={"test.items": items, "test.others": items})
    return with_hints(message, Query(sql, parameters), manifest)


def test_near_columns_are_named_and_the_caret_stays() -> None:
    """The engine's candidates, as far as they are like the name."""
    message = (
        'Binder Error: Referenced column "naame" not found in FROM clause!\n'
        f'Candidate bindings: "name", "status"{CARET}'
    )

    assert told(message) == (
        'Binder Error: Referenced column "naame" not found in FROM clause!\n'
        f'Did you mean "name"?{CARET}'
    )


@pytest.mark.parametrize("candidates", ['\nCandidate bindings: : "id"', ""])
def test_without_a_near_one_the_columns_of_the_named_tables_are_listed(candidates: str) -> None:
    """Not those of tables that the statement does not name."""
    message = f'Binder Error: Table "i" does not have a column named "zzz"{candidates}{CARET}'

    assert told(message) == (
        'Binder Error: Table "i" does not have a column named "zzz"\n'
        f"Columns of test.items: id, name, status.{CARET}"
    )


def test_other_tables_leave_the_message_as_it_is() -> None:
    """A file of the user's own, say."""
    message = f'Binder Error: Referenced column "x" not found in FROM clause!{CARET}'

    assert told(message, "select x from 'mine.csv'") == message
    assert told("Parser Error: syntax error") == "Parser Error: syntax error"


@pytest.mark.parametrize(
    ("message", "parameters", "expected"),
    [
        (
            "Invalid Input Error: Values were not provided for the following parameters: a, b",
            {},
            "The SQL needs a value for $a and $b: -p a=… -p b=…",
        ),
        (
            (
                "Invalid Input Error: Parameter/argument count mismatch, identifiers of the excess "
                "parameters: z"
            ),
            {"a": "1", "z": "1"},
            "There is no $z in the SQL: leave -p z out.",
        ),
        (
            (
                "Binder Error: Parameter/argument count mismatch for prepared statement. "
                "Expected 0, got 2"
            ),
            {"y": "1", "z": "1"},
            "There is no $y and no $z in the SQL: leave -p y -p z out.",
        ),
    ],
)
def test_parameters_are_called_by_their_names(
    message: str, parameters: dict[str, str], expected: str
) -> None:
    """Missing ones and unused ones."""
    assert told(message, "select 1", **parameters) == expected
