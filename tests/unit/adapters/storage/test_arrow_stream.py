"""A growing file of batches: what it says it holds, an earlier process can vouch for."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from adapters.storage.arrow_stream import ArrowStream
from domain.errors import DamagedStagingError, StorageError
from domain.staged_rows import StagedFile

COLUMNS: dict[str, pa.DataType] = {
    "n": pa.int64(),
    "text": pa.string(),
    "tags": pa.list_(pa.string()),
}
SCHEMA = pa.schema(COLUMNS)


def batch(*numbers: int) -> pa.RecordBatch:
    rows = [{"n": n, "text": f"text {n}", "tags": ["a"] * (n % 3)} for n in numbers]
    return pa.RecordBatch.from_pylist(rows, SCHEMA)


def numbers_in(stream: ArrowStream) -> list[int]:
    return [row["n"] for each in stream.batches() for row in each.to_pylist()]


@pytest.fixture
def stream(tmp_path: Path) -> ArrowStream:
    return ArrowStream(tmp_path / "rows.arrows", SCHEMA)


def test_batches_come_back_in_their_order(stream: ArrowStream) -> None:
    """Also slices of batches; any Arrow reader can read the file."""
    stream.append(batch(3, 1))
    stream.append(batch(0, 2, 9, 9).slice(1, 2))

    assert numbers_in(stream) == [3, 1, 2, 9]
    assert pa.ipc.open_stream(stream.path.read_bytes()).read_all().num_rows == 4


def test_a_stream_without_rows_has_no_file(stream: ArrowStream) -> None:
    """Nothing to make durable, nothing to name."""
    stream.sync()

    assert stream.state() == StagedFile()
    assert numbers_in(stream) == []
    assert not stream.path.exists()


def test_the_state_is_about_the_bytes_on_the_disk(stream: ArrowStream) -> None:
    """Length and SHA-256 of the file as it is."""
    stream.append(batch(1, 2))
    stream.append(batch(3))
    stream.sync()
    content = stream.path.read_bytes()

    assert stream.state() == StagedFile(
        "rows.arrows", 3, len(content), hashlib.sha256(content).hexdigest()
    )


@pytest.mark.parametrize("garbage", [b"", b"half a batch", b"\xff" * 10_000])
def test_a_later_process_goes_on_where_the_state_was_taken(
    stream: ArrowStream, garbage: bytes
) -> None:
    """What came after is cut off, whatever it is, and the next batches can be read."""
    stream.append(batch(1, 2))
    state = stream.state()
    stream.append(batch(3))
    with stream.path.open("ab") as file:
        file.write(garbage)
    again = ArrowStream(stream.path, SCHEMA)
    again.restore(state)
    assert again.state() == state
    again.append(batch(4))
    again.sync()

    assert numbers_in(again) == [1, 2, 4]
    third = ArrowStream(stream.path, SCHEMA)
    third.restore(again.state())
    assert numbers_in(third) == [1, 2, 4]


def test_a_state_without_a_file_begins_anew(stream: ArrowStream) -> None:
    """A file that came after it is no part of it."""
    stream.append(batch(1))
    again = ArrowStream(stream.path, SCHEMA)
    again.restore(StagedFile())

    assert not stream.path.exists()
    again.append(batch(2))
    assert numbers_in(again) == [2]


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def change_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "says"),
    [(Path.unlink, "gone"), (cut_short, "1 bytes are gone"), (change_a_bit, "SHA-256")],
)
def test_a_damaged_file_is_refused(
    stream: ArrowStream, damage: Callable[[Path], None], says: str
) -> None:
    """The error says what is wrong with it."""
    stream.append(batch(*range(100)))
    damage(stream.path)

    with pytest.raises(DamagedStagingError, match=says):
        ArrowStream(stream.path, SCHEMA).restore(stream.state())


def test_a_file_of_other_columns_is_refused(stream: ArrowStream) -> None:
    """A newer program may have changed the table meanwhile."""
    stream.append(batch(1))

    with pytest.raises(DamagedStagingError, match="columns"):
        ArrowStream(stream.path, pa.schema({"n": pa.int64()})).restore(stream.state())


def test_a_file_that_is_no_stream_is_refused(stream: ArrowStream) -> None:
    """Even under a checksum that is right."""
    stream.path.write_bytes(b"no stream")
    state = StagedFile("rows.arrows", 1, 9, hashlib.sha256(b"no stream").hexdigest())

    with pytest.raises(DamagedStagingError, match="no Arrow stream"):
        ArrowStream(stream.path, SCHEMA).restore(state)


def test_after_a_failed_write_nothing_more_is_taken_and_the_state_stays(tmp_path: Path) -> None:
    """The file is restored from the earlier state by whoever comes next."""
    home = tmp_path / "area"
    home.mkdir()
    stream = ArrowStream(home / "rows.arrows", SCHEMA)
    stream.append(batch(1))
    state = stream.state()
    home.rename(tmp_path / "away")
    with pytest.raises(StorageError):
        stream.append(batch(2))
    (tmp_path / "away").rename(home)

    steps: list[Callable[[], None]] = [lambda: stream.append(batch(3)), stream.sync]
    for step in steps:
        with pytest.raises(StorageError, match="Writing"):
            step()
    assert stream.state() == state
    again = ArrowStream(home / "rows.arrows", SCHEMA)
    again.restore(state)
    assert numbers_in(again) == [1]
