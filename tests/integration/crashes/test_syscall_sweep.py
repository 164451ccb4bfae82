"""One commit, with a fault in each of its system calls in turn: strace injects them."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.crashes.lives import ABORTED, KILLED, Injection, Lives, lives, why_no_tracing
from tests.support.assert_consistent import assert_consistent

LASTING = (
    "write",
    "pwrite64",
    "fsync",
    "fdatasync",
    "rename,renameat,renameat2",
    "link,linkat",
    "unlink,unlinkat",
    "ftruncate",
)
"""What a version is made of: swept call by call."""
CALLS = (*LASTING, "rmdir", "mkdir,mkdirat", "openat")
FAULTS = ("signal=KILL", "error=EIO", "error=ENOSPC")
OLD, NEW = 12, 14
_IN_CI = 3  # faults of a kind, spread over the commit
_reason = why_no_tracing()
pytestmark = pytest.mark.skipif(bool(_reason), reason=_reason)


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    with lives(tmp_path_factory.mktemp("lives")) as started:
        yield started


@pytest.fixture(scope="module")
def published(starter: Lives, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one version, to be copied."""
    root = tmp_path_factory.mktemp("published") / "data"
    assert starter.live(root, OLD).code == 0
    assert_consistent(root, settled=True)
    return root


def _rows(root: Path) -> tuple[int, int]:
    """Items and details of the newest version, as its manifest names them."""
    newest = max((root / "_catalog" / "v").glob("*.json"))
    tables = json.loads(newest.read_bytes())["tables"]
    counts = [
        sum(file["rows"] for file in tables[name]["datasets"]["things"]["files"])
        for name in ("test.items", "test.details")
    ]
    return counts[0], counts[1]


def _hit(starter: Lives, published: Path, root: Path, injection: Injection) -> bool:
    """Let the commit of a second version meet the fault; False when it came to no such call."""
    shutil.copytree(published, root)
    life = starter.live(root, NEW, injection)
    if life.code == ABORTED:
        assert '"/proc/' in life.calls[-1] or '"/sys/' in life.calls[-1], life.calls[-1]
    else:
        assert life.code in {0, 1, KILLED}, f"{injection}: {life.said}"
    assert not life.repeated_syncs(), f"{injection}: a failed fsync was repeated"
    if life.code == 1 and life.said:  # the words themselves may have been refused
        assert "failed" in life.said, f"{injection}: {life.said}"
    assert_consistent(root)
    assert _rows(root) in {(NEW, 2 * NEW)} | ({(OLD, 2 * OLD)} if life.code else set()), injection

    again = starter.live(root, NEW)
    assert again.code == 0, f"after {injection}: {again.said}"
    assert_consistent(root, settled=True)
    assert _rows(root) == (NEW, 2 * NEW), injection
    shutil.rmtree(root)
    return life.was_hit


def _calls_of_a_commit(starter: Lives, published: Path, root: Path, call: str) -> int:
    """How often the thread calls it that calls it most."""
    shutil.copytree(published, root)
    life = starter.live(root, NEW, Injection(call, "error=EIO", 60_000))
    assert life.code == 0, life.said
    shutil.rmtree(root)
    names = call.split(",")
    threads = [line.split()[0] for line in life.calls if any(f" {n}(" in line for n in names)]
    return max(threads.count(each) for each in set(threads))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_fault_here_and_there_leaves_the_old_version_or_the_new_one(
    starter: Lives, published: Path, tmp_path: Path, call: str, fault: str
) -> None:
    """Killed or refused at a few calls of each kind: consistent, and mended by the next run."""
    last = _calls_of_a_commit(starter, published, tmp_path / "count", call)
    moments = sorted({round(1 + part * (last - 1) / (_IN_CI - 1)) for part in range(_IN_CI)})
    hits = [_hit(starter, published, tmp_path / str(n), Injection(call, fault, n)) for n in moments]
    assert any(hits)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", LASTING)
def test_a_fault_at_every_call_leaves_the_old_version_or_the_new_one(
    starter: Lives, published: Path, tmp_path: Path, call: str, fault: str
) -> None:
    """The same at each single call, from the first to the one that does not come any more."""
    at = 1
    while _hit(starter, published, tmp_path / str(at), Injection(call, fault, at)):
        at += 1
    assert at > 1
