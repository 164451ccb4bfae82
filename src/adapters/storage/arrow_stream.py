"""A growing file of Arrow record batches."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from adapters.storage.arrow_errors import parquet_errors
from adapters.storage.durable import storage_errors, sync_file, sync_folder
from domain.errors import DamagedStagingError, StorageError
from domain.staged_rows import StagedFile

_LZ4 = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
_ONE_THREAD = pa.ipc.IpcReadOptions(use_threads=False)
_BLOCK = 1 << 20  # bytes


class ArrowStream:
    """An Arrow IPC stream that only grows, without an end mark. Blocking.

    What a failed write leaves behind the last whole batch belongs to no state, and the stream
    takes nothing more (arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format).

    Attributes:
        path: the file; the first batch makes it.
        schema: of all its batches.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.schema = schema
        self._rows = 0
        self._bytes = 0
        self._durable = 0
        self._digest = hashlib.sha256()
        self._failure: StorageError | None = None

    def append(self, batch: pa.RecordBatch) -> None:
        """Add a batch at the end.

        Raises:
            StorageError: the disk is full or broken, now or at an earlier batch.
        """
        content = encapsulated(batch, with_schema=not self._bytes)
        try:
            self._refuse_after_failure()
            with parquet_errors("Writing", self.path), self.path.open("ab") as file:
                file.write(content)
        except StorageError as error:
            self._failure = error
            raise
        self._digest.update(content)
        self._bytes += content.size
        self._rows += batch.num_rows

    def state(self) -> StagedFile:
        """What was appended so far, durable or not."""
        if not self._bytes:
            return StagedFile()
        return StagedFile(self.path.name, self._rows, self._bytes, self._digest.hexdigest())

    def sync(self) -> None:
        """Make durable what was appended.

        Raises:
            StorageError: the disk failed; it is not asked twice.
        """
        try:
            self._refuse_after_failure()
            if self._durable < self._bytes:
                with parquet_errors("Writing", self.path):
                    sync_file(self.path)
                    if not self._durable:
                        sync_folder(self.path.parent)
        except StorageError as error:
            self._failure = error
            raise
        self._durable = self._bytes

    def restore(self, state: StagedFile) -> None:
        """Go on from a file that an earlier process wrote; what follows the state is cut off.

        Raises:
            DamagedStagingError: the file is not what the state says.
            StorageError: it cannot be read or cut.
        """
        if not state.bytes:
            self.remove()
            return
        with storage_errors("Reading", self.path):
            damage = self._damage(state)
        if damage:
            message = f"{self.path} is not what the run has staged: {damage}."
            raise DamagedStagingError(message)
        with parquet_errors("Cutting", self.path), self.path.open("r+b") as file:
            file.truncate(state.bytes)
        self._rows, self._bytes = state.rows, state.bytes

    def batches(self) -> Iterator[pa.RecordBatch]:
        """What the file holds, in order of arrival."""
        if not self._bytes:
            return
        with (
            parquet_errors("Reading", self.path),
            pa.OSFile(str(self.path), "rb") as file,
            pa.ipc.open_stream(file, options=_ONE_THREAD) as reader,
        ):
            yield from reader

    def remove(self) -> None:
        """Delete the file."""
        with parquet_errors("Removing", self.path):
            self.path.unlink(missing_ok=True)

    def _damage(self, state: StagedFile) -> str:
        """How the file differs from a state; empty if it does not."""
        if not self.path.exists():
            return "it is gone"
        with self.path.open("rb") as file:
            left = state.bytes
            while left and (block := file.read(min(left, _BLOCK))):
                self._digest.update(block)
                left -= len(block)
        if left:
            return f"its last {left} bytes are gone"
        if self._digest.hexdigest() != state.sha256:
            return "its SHA-256 is another"
        try:
            with pa.OSFile(str(self.path), "rb") as stream, pa.ipc.open_stream(stream) as reader:
                return "" if reader.schema.equals(self.schema) else "its columns are others"
        except pa.ArrowException as error:
            return f"it is no Arrow stream ({str(error)[:200]})"

    def _refuse_after_failure(self) -> None:
        if self._failure:
            raise StorageError(str(self._failure))


def encapsulated(batch: pa.RecordBatch, *, with_schema: bool = False) -> pa.Buffer:
    """A batch as an IPC message, compressed; with the schema's message before it."""
    sink = pa.BufferOutputStream()
    pa.ipc.new_stream(sink, batch.schema, options=_LZ4).write_batch(batch)
    content = sink.getvalue()
    return content if with_schema else content.slice(batch.schema.serialize().size)
