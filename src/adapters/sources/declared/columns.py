"""The table of a declaration, and how a record is read."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from adapters.sources.declared.misfits import MisfitError
from adapters.sources.declared.paths import first_of
from adapters.sources.declared.section import Section
from adapters.sources.declared.sql_words import COLUMN, TABLE
from adapters.sources.declared.transforms import TYPES, transform
from domain.expectations import Expectation, QuarantinedRecord
from domain.schema import Field, Schema
from domain.tables import Record, TableSpec, WriteMode

type Column = Callable[[Any, Mapping[str, str]], object]
type Reader = Callable[[Any, Mapping[str, str]], Record | QuarantinedRecord]
"""From a record of an answer, and values of its request, to a row, or why it is none."""


def read_table(section: Section, known: Collection[str]) -> tuple[TableSpec, Reader, Expectation]:
    """The `[table]` of a declaration.

    Args:
        section: the table.
        known: values of a request that columns can have.
    """
    fields: list[Field] = []
    columns: list[Column] = []
    required: list[str] = []
    accepted: list[tuple[str, frozenset[str]]] = []
    for each in section.sections("fields"):
        name = each.name("name", COLUMN)
        if any(name.lower() == field.name.lower() for field in fields):
            raise each.fail(
                name="name", complaint=f"{name!r} is there already: a table has each column once."
            )
        kind = each.choice("type", TYPES)
        convert, field_type = transform(kind, each.text("item", ""))
        fields.append(
            Field(name, field_type, each.text("meaning"), each.flag("volatile", default=False))
        )
        if each.flag("required", default=False):
            required.append(name)
        if values := each.texts("accepted", ()):
            accepted.append((name, frozenset(values)))
        columns.append(_column(each, name, convert, known))
    names = [field.name for field in fields]
    for part in ("key", "sort"):
        for name in section.texts(part, None if part == "key" else ()):
            if name not in names:
                raise section.fail(part, f"{name!r} is no column of the table.")
    table = TableSpec(
        section.name("name", TABLE),
        Schema(tuple(fields)),
        section.texts("key"),
        section.texts("sort", ()),
        WriteMode(section.choice("mode", ("replace", "merge"), "replace")),
        section.text("meaning"),
    )
    section.end()
    expectation = Expectation(table.name, tuple(required), tuple(accepted))

    def read(value: Any, context: Mapping[str, str]) -> Record | QuarantinedRecord:
        try:
            return tuple([column(value, context) for column in columns])
        except MisfitError as misfit:
            return QuarantinedRecord("type", str(misfit), _as_sent(columns, value, context))

    return table, read, expectation


def _as_sent(columns: Sequence[Column], value: Any, context: Mapping[str, str]) -> Record:
    """The row with what does not fit as it was sent."""

    def read(column: Column) -> object:
        try:
            return column(value, context)
        except MisfitError as misfit:
            return misfit.sent

    return tuple(map(read, columns))


def _column(
    section: Section, name: str, convert: Callable[[Any], object], known: Collection[str]
) -> Column:
    paths, constant = section.texts("path", ()), section.text("constant", "")
    context_name = section.text("context", "")
    section.end()
    given = [name for name in ("path", "constant", "context") if name in section]
    if len(given) != 1:
        raise section.fail(
            name="path", complaint="a column needs exactly one of path, constant and context."
        )
    kind = section.text("type")
    if given == ["constant"]:
        fixed = convert(constant)
        if fixed is None and constant:
            raise section.fail(
                name="constant", complaint=f"{constant!r} does not fit the type {kind}."
            )
        return lambda _value, _context: fixed
    if given == ["context"] and context_name not in known:
        raise section.unknown(name="context", value=context_name, known=known)
    find = first_of(paths)

    def read(value: Any, context: Mapping[str, str]) -> object:
        found = context.get(context_name, "") if context_name else find(value)
        converted = convert(found)
        if converted is None and found is not None and found != "":
            raise MisfitError(name, kind, found)
        return converted

    return read
