"""The JSON Schema says what the reader of declarations reads."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import adapters.sources.declarations
from adapters.sources.declared.declaration import read_declaration
from adapters.sources.declared.section import Section
from adapters.sources.drafting.editor_schema import editor_schema
from domain.errors import ConfigurationError

ROOT = Path(__file__).parents[5]
BUILT_IN = sorted(Path(adapters.sources.declarations.__path__[0]).glob("*.toml"))
EVERY_PART = """
name = "every"
domain = "d"
title = "t"
example_target = "x"
[target]
pattern = "x"
form = "x"
[places]
[[parameters]]
name = "p"
meaning = "m"
[policy]
base_url = "https://every.invalid"
[policy.key]
header = "h"
variable = "V"
where = "w"
[request]
path = "/"
[paging]
kind = "single"
[window]
[[errors]]
kind = "failed"
[[suggestions]]
path = "/names"
[table]
name = "t"
meaning = "m"
key = ["a"]
[[table.fields]]
name = "a"
type = "text"
path = "a"
meaning = "m"
"""
SHAPES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "text": lambda each: each.get("type") == "string" or "enum" in each,
    "pattern": lambda each: each.get("format") == "regex",
    "integer": lambda each: each.get("type") == "integer",
    "formula": lambda each: [one["type"] for one in each["anyOf"]] == ["integer", "string"],
    "flag": lambda each: each.get("type") == "boolean",
    "choice": lambda each: "enum" in each,
    "texts": lambda each: "anyOf" in each,
    "mapping": lambda each: each.get("type") == "object" and "properties" not in each,
    "section": lambda each: each.get("type") == "object" and "properties" in each,
    "sections": lambda each: each.get("type") == "array",
}


def _read() -> dict[tuple[str, str], set[str]]:
    """By part and member, how the reader asks for it; the words of a choice stand beside it."""
    asked: dict[tuple[str, str], set[str]] = {}

    def spied(kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def ask(self: Section, name: str, *rest: Any, **named: Any) -> Any:
            part = re.sub(r"\[\d+\]", "", self._path)
            found = asked.setdefault((part, name), set())
            found.add(kind)
            if kind == "choice":
                words = rest[0] if rest else named["among"]
                found.add("=" + ",".join(words))
            return real(self, name, *rest, **named)

        return ask

    with pytest.MonkeyPatch.context() as patch:
        for kind in SHAPES:
            patch.setattr(Section, kind, spied(kind, getattr(Section, kind)))
        read_declaration(EVERY_PART, "every.toml")
        for file in BUILT_IN:
            read_declaration(file.read_text(), str(file))
    return asked


def _members(table: dict[str, Any], part: str = "") -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, each in table["properties"].items():
        yield part, name, each
        below = f"{part}.{name}" if part else name
        if "properties" in each:
            yield from _members(each, below)
        elif each.get("type") == "array":
            yield from _members(each["items"], below)


SCHEMA: dict[str, Any] = json.loads(editor_schema())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
DESCRIBED = {(part, name): each for part, name, each in _members(SCHEMA)}
READ = _read()


def test_the_schema_has_what_the_reader_reads_and_no_more() -> None:
    """A member that somebody adds to the reader must be described in `editor_schema.py`."""
    assert set(DESCRIBED) == set(READ)


@pytest.mark.parametrize("place", sorted(READ), ids=".".join)
def test_each_member_has_the_type_that_is_read(place: tuple[str, str]) -> None:
    """Types and the words of choices are the reader's own."""
    described = DESCRIBED[place]
    assert described["description"]
    for kind in READ[place]:
        if kind.startswith("="):
            assert ",".join(described["enum"]) == kind[1:]
        else:
            assert SHAPES[kind](described), kind


def _places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for name, each in pairs:
        yield (*way, name)
        if isinstance(each, dict | list):
            yield from _places(each, (*way, name))


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value)


def _refused_by_reader(declaration: dict[str, Any]) -> bool:
    text = "\n".join(f"{name} = {_toml(each)}" for name, each in declaration.items())
    try:
        read_declaration(text, "mutated.toml")
    except ConfigurationError:
        return True
    return False


def _refused_by_schema(declaration: dict[str, Any]) -> bool:
    return not VALIDATOR.is_valid(declaration)


def _changed(way: tuple[Any, ...], change: Callable[[Any, Any], None]) -> dict[str, Any]:
    declaration = tomllib.loads(EVERY_PART)
    holder: Any = declaration
    for name in way[:-1]:
        holder = holder[name]
    change(holder, way[-1])
    return declaration


def _drop(holder: Any, name: Any) -> None:
    del holder[name]


def _rename(holder: Any, name: Any) -> None:
    holder[f"{name}_x" if isinstance(holder, dict) else name] = holder.pop(name)


def _to_number(holder: Any, name: Any) -> None:
    holder[name] = 1.5


PLACES = list(_places(tomllib.loads(EVERY_PART)))
NAMED = [way for way in PLACES if isinstance(way[-1], str)]


def test_the_schema_is_one() -> None:
    """It follows the draft that it names."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", BUILT_IN, ids=lambda file: file.stem)
def test_the_schema_accepts_the_built_in_declarations(file: Path) -> None:
    """What the program reads, an editor finds right."""
    VALIDATOR.validate(tomllib.loads(file.read_text()))


@pytest.mark.parametrize("change", [_drop, _rename, _to_number])
@pytest.mark.parametrize("way", NAMED, ids=lambda way: ".".join(map(str, way)))
def test_the_schema_refuses_what_the_reader_refuses(
    way: tuple[Any, ...], change: Callable[[Any, Any], None]
) -> None:
    """A member dropped, misspelt or of another type is judged the same by both."""
    declaration = _changed(way, change)
    if (way, change) == (("table", "fields", 0, "path"), _drop):
        assert _refused_by_reader(declaration)  # one of three: more than an editor needs
        return
    assert _refused_by_schema(declaration) == _refused_by_reader(declaration)


def test_the_committed_schema_is_the_one_that_is_printed() -> None:
    """`app sources schema > docs/source.schema.json` renews it."""
    assert (ROOT / "docs" / "source.schema.json").read_text() == editor_schema()
