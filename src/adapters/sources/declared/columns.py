"""The table of a declaration, and how a record is read."""

from collections.abc import Callable, Mapping
from typing import Any

from adapters.sources.declared.paths import first_of
from adapters.sources.declared.section import Section
from adapters.sources.declared.transforms import TYPES, transform
from domain.expectations import Expectation
from domain.schema import Field, Schema
from domain.tables import Record, TableSpec, WriteMode

type Column = Callable[[Any, Mapping[str, str]], object]
type Reader = Callable[[Any, Mapping[str, str]], Record]


def read_table(section: Section) -> tuple[TableSpec, Reader, Expectation]:
    """The `[table]` of a declaration."""
    fields, columns, required, accepted = [], [], [], []
    for each in section.sections("fields"):
        name = each.text("name")
        kind = each.choice("type", TYPES)
        convert, field_type = transform(kind, each.text("item", ""))
        fields.append(
            Field(name, field_type, each.text("meaning"), each.flag("volatile", default=False))
        )
        if each.flag("required", default=False):
            required.append(name)
        if values := each.texts("accepted", ()):
            accepted.append((name, frozenset(values)))
        columns.append(_column(each, convert))
    names = [field.name for field in fields]
    for part in ("key", "sort"):
        for name in section.texts(part, None if part == "key" else ()):
            if name not in names:
                raise section.fail(part, f"{name!r} is no column of the table.")
    table = TableSpec(
        section.text("name"),
        Schema(tuple(fields)),
        section.texts("key"),
        section.texts("sort", ()),
        WriteMode(section.choice("mode", ("replace", "merge"), "replace")),
        section.text("meaning"),
    )
    section.end()
    expectation = Expectation(table.name, tuple(required), tuple(accepted))

    def read(value: Any, context: Mapping[str, str]) -> Record:
        return tuple([column(value, context) for column in columns])

    return table, read, expectation


def _column(section: Section, convert: Callable[[Any], object]) -> Column:
    paths, constant = section.texts("path", ()), section.text("constant", "")
    context_name = section.text("context", "")
    section.end()
    given = [name for name in ("path", "constant", "context") if name in section]
    if len(given) != 1:
        raise section.fail(
            name="path", complaint="a column needs exactly one of path, constant and context."
        )
    if given == ["constant"]:
        fixed = convert(constant)
        return lambda _value, _context: fixed
    if given == ["context"]:
        return lambda _value, context: convert(context.get(context_name, ""))
    find = first_of(paths)
    return lambda value, _context: convert(find(value))
