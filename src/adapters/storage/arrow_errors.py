"""Errors of Parquet files as the domain's."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from adapters.storage.durable import UNCHANGED, storage_errors
from domain.errors import StorageError


@contextlib.contextmanager
def parquet_errors(doing: str, path: Path) -> Iterator[None]:
    """Like `storage_errors`, for work that Arrow does."""
    with storage_errors(doing, path):
        try:
            yield
        except pa.ArrowException as error:
            message = f"{doing} {path} failed: {str(error)[:500]}. {UNCHANGED}"
            raise StorageError(message) from error
