"""A lake in memory."""

from collections.abc import Sequence

from application.ports.lake_maintenance import Defect, FileFinding, LakeMaintenance, RunFolder
from domain.errors import PipelineError
from domain.manifest import DataFile


class FakeLakeMaintenance(LakeMaintenance):
    """Files by path, each with what its manifest should say; `fail` is raised by `remove`.

    Attributes:
        under_way: folders of runs that are not over.
    """

    def __init__(self) -> None:
        self.files: dict[str, DataFile] = {}
        self.under_way: set[str] = set()
        self.fail: PipelineError | None = None

    def put(self, *files: DataFile) -> None:
        """Files that are there and whole."""
        self.files.update({file.path: file for file in files})

    async def check(self, file: DataFile) -> FileFinding | None:
        found = self.files.get(file.path)
        if found is None:
            return FileFinding(file, Defect.MISSING, "it is not there")
        for defect, one, other in (
            (Defect.LENGTH, found.bytes, file.bytes),
            (Defect.CHECKSUM, found.sha256, file.sha256),
            (Defect.ROWS, found.rows, file.rows),
        ):
            if one != other:
                return FileFinding(file, defect, f"{one} is not {other}")
        return None

    async def settled(self) -> Sequence[RunFolder]:
        sizes: dict[str, list[int]] = {}
        for path, file in self.files.items():
            sizes.setdefault(path.rpartition("/")[0], []).append(file.bytes)
        return [
            RunFolder(folder, len(found), sum(found))
            for folder, found in sizes.items()
            if folder not in self.under_way
        ]

    async def remove(self, folders: Sequence[RunFolder]) -> None:
        if self.fail is not None:
            raise self.fail
        gone = {each.path for each in folders}
        self.files = {p: f for p, f in self.files.items() if p.rpartition("/")[0] not in gone}
