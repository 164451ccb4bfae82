"""The manifest as a JSON document."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from domain.coverage import Span
from domain.errors import DataFolderError, StorageError
from domain.manifest import DataFile, Dataset, Manifest, TableVersion
from domain.schema import schema_from_json, schema_to_json

FORMAT = 2
"""Version of the file format itself; a newer one is refused, never guessed at.

Format 2 is written only where several runs made a version together: a program that knows format 1
alone would take all but one of them for runs that published nothing.
"""


def manifest_to_json(manifest: Manifest) -> bytes:
    """The manifest as a JSON document, a data set a line."""
    return "".join(_document(manifest)).encode()


def _document(manifest: Manifest) -> Iterator[str]:
    head: dict[str, Any] = {
        "format": FORMAT if manifest.further_runs else 1,
        "version": manifest.version,
        "committed_at": _written(manifest.committed_at),
        "run_id": manifest.run_id,
    }
    if manifest.further_runs:
        head["further_runs"] = manifest.further_runs
    yield _json(head)[:-1] + ', "tables": {'
    for number, (name, table) in enumerate(manifest.tables.items()):
        about = {
            "schema": schema_to_json(table.schema),
            "key": list(table.key),
            "meaning": table.meaning,
        }
        yield f'{"," * bool(number)}\n{_json(name)}: {_json(about)[:-1]}, "datasets": {{'
        for place, (target, dataset) in enumerate(table.datasets.items()):
            yield f"{',' * bool(place)}\n {_json(target)}: {_json(_dataset_to_json(dataset))}"
        yield "}}"
    yield "}}\n"


def manifest_from_json(document: bytes) -> Manifest:
    """Read a manifest.

    Raises:
        DataFolderError: written by a newer version of this program.
        StorageError: not a manifest.
    """
    try:
        value = json.loads(document)
        if value["format"] > FORMAT:
            message = (
                f"The data folder has catalog format {value['format']}; this program reads up to "
                f"{FORMAT}. Install a newer version, or choose another folder with APP_DATA_DIR."
            )
            raise DataFolderError(message)
        committed = value["committed_at"]
        return Manifest(
            version=int(value["version"]),
            committed_at=datetime.fromisoformat(committed) if committed else None,
            run_id=value["run_id"],
            tables={name: _table_from_json(table) for name, table in value["tables"].items()},
            further_runs=tuple(value.get("further_runs", ())),
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        message = f"A catalog manifest cannot be read: {error!r}"
        raise StorageError(message) from error


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _dataset_to_json(dataset: Dataset) -> dict[str, Any]:
    return {
        "run_id": dataset.run_id,
        "source": dataset.source,
        "committed_at": dataset.committed_at.isoformat(),
        "files": [
            {"path": f.path, "rows": f.rows, "bytes": f.bytes, "sha256": f.sha256}
            for f in dataset.files
        ],
        "content": dataset.content,
        "complete_until": {
            series: moment.isoformat() for series, moment in dataset.complete_until.items()
        },
        "covered": {
            series: [[_written(each.since), _written(each.until)] for each in coverage]
            for series, coverage in dataset.covered.items()
        },
        "shape": dataset.shape,
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _table_from_json(value: dict[str, Any]) -> TableVersion:
    return TableVersion(
        schema=schema_from_json(value["schema"]),
        key=tuple(value["key"]),
        meaning=value.get("meaning", ""),
        datasets={
            target: _dataset_from_json(dataset) for target, dataset in value["datasets"].items()
        },
    )


def _dataset_from_json(value: dict[str, Any]) -> Dataset:
    return Dataset(
        run_id=value["run_id"],
        source=value["source"],
        committed_at=datetime.fromisoformat(value["committed_at"]),
        files=tuple(
            DataFile(f["path"], int(f["rows"]), int(f["bytes"]), f["sha256"])
            for f in value["files"]
        ),
        content=value.get("content", ""),
        complete_until={
            series: datetime.fromisoformat(moment)
            for series, moment in value.get("complete_until", {}).items()
        },
        covered={
            series: tuple(
                Span(
                    datetime.fromisoformat(since) if since else None, datetime.fromisoformat(until)
                )
                for since, until in coverage
            )
            for series, coverage in value.get("covered", {}).items()
        },
        shape=value.get("shape", ""),
    )
