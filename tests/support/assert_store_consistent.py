"""Judges a data folder in an object store by its objects alone."""

import contextlib
import json
import os
import shutil
from pathlib import Path

import obstore
from obstore.store import S3Store

from tests.support.assert_consistent import assert_consistent
from tests.support.s3_server import Bucket


def assert_store_consistent(
    bucket: Bucket, scratch: Path, *, settled: bool = False, figures: bool = True
) -> None:
    """What `assert_consistent` says of the objects as files, and nothing is left over.

    Args:
        bucket: with the folder.
        scratch: a folder to download into; removed afterwards.
        settled: no run is under way, and an undisturbed one that published was the last.
        figures: its runs were made by the engine.
    """
    downloaded(bucket, scratch)
    try:
        marked = _marked(scratch)
        for key in marked:  # uploads that a mark names are waiting to be swept
            if not _is_published(scratch, key):
                (scratch / key).unlink(missing_ok=True)
                with contextlib.suppress(OSError):  # other files of the run are published
                    os.removedirs((scratch / key).parent)
        shutil.rmtree(scratch / "_staging", ignore_errors=True)
        assert_consistent(scratch, of_store=True, figures=figures)
        if settled:
            assert not marked, f"uploads were left over: {marked}"
            _assert_published(scratch)
    finally:
        shutil.rmtree(scratch)


def downloaded(bucket: Bucket, folder: Path) -> list[str]:
    """All objects as files; their keys."""
    store = S3Store(
        bucket.name,
        prefix=bucket.prefix,
        endpoint=bucket.endpoint,
        access_key_id="any",
        secret_access_key="any",
        client_options={"allow_http": True},
    )
    keys = [each["path"] for chunk in obstore.list(store) for each in chunk]
    folder.mkdir(parents=True, exist_ok=True)
    for key in keys:
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(obstore.get(store, key).bytes()))
    return keys


def _marked(root: Path) -> list[str]:
    marks = [json.loads(path.read_bytes()) for path in (root / "_staging").glob("*.json")]
    return [key for mark in marks for key in mark["keys"]]


def _is_published(root: Path, key: str) -> bool:
    return any(
        f'"{key}"'.encode() in path.read_bytes() for path in (root / "_catalog" / "v").glob("*")
    )


def _assert_published(root: Path) -> None:
    """Each table of the newest version has its copy, byte for byte."""
    newest = json.loads(max((root / "_catalog" / "v").glob("*.json")).read_bytes())
    for name, table in newest["tables"].items():
        for target, dataset in table["datasets"].items():
            copy = root / f"{target}_{name.partition('.')[2]}.parquet"
            (file,) = dataset["files"]
            assert copy.read_bytes() == (root / file["path"]).read_bytes(), f"{copy.name} is old"
