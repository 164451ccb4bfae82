"""Manifests: what is written is what is read."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DataFolderError, PipelineError, StorageError
from domain.manifest import (
    DataFile,
    Dataset,
    Manifest,
    Publication,
    TableVersion,
    conflict,
    next_manifest,
    says_the_same,
)
from domain.manifest_json import manifest_from_json, manifest_to_json
from domain.schema import (
    Field,
    FieldType,
    Kind,
    ListOf,
    Schema,
    StructOf,
    schema_from_json,
    schema_to_json,
)
from tests.contracts.manifest_log_contract import publication as of_target

NAME = st.text(min_size=1, max_size=12)
MOMENT = st.datetimes(timezones=st.just(UTC))
TYPE: st.SearchStrategy[FieldType] = st.recursive(
    st.sampled_from(Kind),
    lambda inner: (
        st.builds(ListOf, inner)
        | st.builds(
            StructOf,
            st.lists(st.builds(Field, NAME, inner, st.text(max_size=9)), max_size=3).map(tuple),
        )
    ),
    max_leaves=6,
)
SCHEMA = st.lists(st.builds(Field, NAME, TYPE, st.text(max_size=9)), max_size=4).map(
    lambda fields: Schema(tuple(fields))
)
FILE = st.builds(DataFile, NAME, st.integers(0, 2**62), st.integers(0, 2**62), NAME)
DATASET = st.builds(
    Dataset,
    NAME,
    NAME,
    MOMENT,
    st.lists(FILE, max_size=3).map(tuple),
    st.text(max_size=9),
    st.dictionaries(NAME, MOMENT, max_size=2),
)
TABLE = st.builds(
    TableVersion,
    SCHEMA,
    st.lists(NAME, max_size=2).map(tuple),
    st.text(max_size=9),
    st.dictionaries(NAME, DATASET, max_size=3),
)
MANIFEST = st.builds(
    Manifest,
    st.integers(0, 10**8),
    st.none() | MOMENT,
    NAME,
    st.dictionaries(NAME, TABLE, max_size=3),
    st.lists(NAME, max_size=2).map(tuple),
)


@given(MANIFEST)
def test_a_manifest_survives_json(manifest: Manifest) -> None:
    """Any names, any types, any number of files."""
    assert manifest_from_json(manifest_to_json(manifest)) == manifest


@given(SCHEMA)
def test_a_schema_survives_json_and_its_fingerprint_sees_types(schema: Schema) -> None:
    """Meanings may change without a new fingerprint, types may not."""
    again = schema_from_json(json.loads(json.dumps(schema_to_json(schema))))
    silent = Schema(tuple(Field(each.name, each.type) for each in schema.fields))
    longer = Schema((*schema.fields, Field("one more", Kind.DATE)))

    assert again == schema
    assert silent.fingerprint == schema.fingerprint or any(
        not isinstance(each.type, Kind) for each in schema.fields
    )
    assert longer.fingerprint != schema.fingerprint


@given(st.binary(max_size=60) | st.text().map(str.encode))
def test_anything_else_is_a_domain_error(document: bytes) -> None:
    """Never a traceback of the parser."""
    try:
        manifest_from_json(document)
    except PipelineError:
        return
    assert json.loads(document)["format"] in {1, 2}


def test_a_newer_format_is_refused_with_advice() -> None:
    """A folder that a later version wrote is not guessed at."""
    with pytest.raises(DataFolderError, match="newer version"):
        manifest_from_json(b'{"format": 3, "anything": []}')


@given(MANIFEST, TABLE, NAME, MOMENT)
def test_the_next_version_replaces_one_target_and_keeps_the_rest(
    current: Manifest, table: TableVersion, target: str, at: datetime
) -> None:
    """Nothing that the publication does not name is lost."""
    dataset = Dataset("NEW", "sample", at, ())
    new = TableVersion(table.schema, table.key, table.meaning, {target: dataset})
    following = next_manifest(current, [Publication("NEW", target, {"t": new})], at)

    assert following.version == current.version + 1
    shape = table.schema.fingerprint
    assert following.tables["t"].datasets[target] == replace(dataset, shape=shape)
    for name, before in current.tables.items():
        for other, kept in before.datasets.items():
            if (name, other) != ("t", target):
                assert following.tables[name].datasets[other] == kept


AT = datetime(2026, 1, 2, tzinfo=UTC)
SHAPE = Schema((Field("id", Kind.STRING),))


def _publication(
    run_id: str, content: str, schema: Schema = SHAPE, built_on: str | None = None
) -> Publication:
    dataset = Dataset(run_id, "sample", AT, (), content)
    table = TableVersion(schema, ("id",), "", {"things": dataset})
    return Publication(
        run_id,
        "things",
        {"test.items": table},
        {} if built_on is None else {"test.items": built_on},
    )


@pytest.mark.parametrize(
    ("content", "schema", "same"),
    [
        ("abc", SHAPE, True),
        ("other", SHAPE, False),
        ("", SHAPE, False),
        ("abc", Schema((Field("id", Kind.INTEGER),)), False),
        ("abc", Schema((Field("id", Kind.STRING, "a meaning"),)), False),
    ],
    ids=["same", "other rows", "unknown rows", "other type", "other meaning"],
)
def test_a_publication_that_brings_nothing_new_is_told(
    content: str, schema: Schema, *, same: bool
) -> None:
    """Same rows under the same columns; whatever is not known to be the same is news."""
    current = next_manifest(Manifest(), [_publication("A", "abc")], AT)

    assert says_the_same(current, _publication("B", content, schema)) is same
    assert not says_the_same(Manifest(), _publication("B", content, schema))


def test_merged_rows_are_published_only_over_those_they_were_merged_with() -> None:
    """Two machines without a lock in common: the later one has to look again."""
    first = next_manifest(Manifest(), [_publication("A", "a", built_on="")], AT)
    second = next_manifest(first, [_publication("B", "b", built_on="A")], AT)

    for outdated in ("A", ""):
        refused = conflict(second, _publication("C", "c", built_on=outdated))
        assert isinstance(refused, StorageError)
        assert "Another run has changed" in str(refused)
    assert conflict(second, _publication("C", "c", built_on="B")) is None


def test_several_runs_make_one_version() -> None:
    """Each brings its own target; the version names them all, in a format of its own."""
    before = next_manifest(Manifest(), [of_target("A", "one")], AT)
    made = next_manifest(before, [of_target("B", "two"), of_target("C", "three")], AT)
    datasets = made.tables["test.items"].datasets

    assert (made.version, made.run_id, made.runs) == (2, "B", ("B", "C"))
    assert {name: each.run_id for name, each in datasets.items()} == {
        "one": "A",
        "two": "B",
        "three": "C",
    }
    formats = [json.loads(manifest_to_json(each))["format"] for each in (before, made)]
    assert formats == [1, 2]


def test_a_data_set_has_a_line_of_its_own() -> None:
    """Versions can be compared line by line."""
    made = next_manifest(Manifest(), [of_target("B", "two"), of_target("C", "three")], AT)
    lines = manifest_to_json(made).decode().splitlines()

    assert sum('"two"' in line for line in lines) == 1
    assert [line for line in lines if '"two"' in line and '"three"' in line] == []


def test_a_manifest_of_format_1_is_read_as_before() -> None:
    """As folders have it that are older than data sets with a shape."""
    made = next_manifest(Manifest(), [of_target("A", "one")], AT)
    value = json.loads(manifest_to_json(made))
    del value["tables"]["test.items"]["datasets"]["one"]["shape"]
    found = manifest_from_json(json.dumps(value, indent=1).encode())

    assert found.runs == ("A",)
    assert found.tables["test.items"].datasets["one"].shape == ""
