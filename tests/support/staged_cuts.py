"""Checkpoints of stopped runs, against what they have staged."""

import hashlib
import json
import re
from collections.abc import Collection
from pathlib import Path

_SEALED = re.compile(rb'\{"sha256":"([0-9a-f]{64})","checkpoint":(.*)\}', re.DOTALL)


def check_staged(data_dir: Path, damaged: Collection[str]) -> None:
    """Each checkpoint is as it was written, and so are the staged rows that it names.

    What follows them belongs to no checkpoint. Nothing is asked of runs that are `damaged`.
    """
    for path in (data_dir / "_staging").glob("*/checkpoint.json"):
        if path.parent.name in damaged:
            continue
        found = _SEALED.fullmatch(path.read_bytes())
        assert found, f"{path} is no checkpoint"
        digest = hashlib.sha256(found[2]).hexdigest().encode()
        assert digest == found[1], f"{path} is another checkpoint than was written"
        for name, table in json.loads(found[2])["tables"].items():
            for file in (table["kept"], table["kept_out"]):
                _check_beginning(path.parent, name, file)


def _check_beginning(area: Path, name: str, file: dict[str, object]) -> None:
    length = file["bytes"]
    if not length:
        return
    assert isinstance(length, int)
    with (area / str(file["name"])).open("rb") as staged:
        content = staged.read(length)
    assert len(content) == length, f"staged rows of {name} in {area} are gone"
    assert hashlib.sha256(content).hexdigest() == file["sha256"], f"{name} in {area} has changed"
