"""What whoever looks after a lake keeps to."""

import asyncio

import pytest

from application.ports.lake_maintenance import Defect, LakeMaintenance
from domain.manifest import DataFile


class LakeMaintenanceContract:
    """Subclasses give `lake`, and `file`: one that is there and whole, of a run that is over."""

    @pytest.fixture
    def lake(self) -> LakeMaintenance:
        raise NotImplementedError

    @pytest.fixture
    def file(self) -> DataFile:
        raise NotImplementedError

    def test_a_whole_file_has_no_finding(self, lake: LakeMaintenance, file: DataFile) -> None:
        """Length, checksum and rows agree."""
        assert asyncio.run(lake.check(file)) is None

    @pytest.mark.parametrize(
        ("change", "defect"),
        [
            ({"bytes": 1}, Defect.LENGTH),
            ({"sha256": "00"}, Defect.CHECKSUM),
            ({"rows": 10**6}, Defect.ROWS),
        ],
    )
    def test_what_differs_is_named(
        self, lake: LakeMaintenance, file: DataFile, change: dict[str, object], defect: Defect
    ) -> None:
        """The first thing that does."""
        names = ("path", "rows", "bytes", "sha256")
        other = DataFile(**{name: getattr(file, name) for name in names} | change)
        found = asyncio.run(lake.check(other))

        assert found is not None
        assert (found.file, found.defect) == (other, defect)
        assert found.detail

    def test_a_file_that_is_not_there_is_missing(
        self, lake: LakeMaintenance, file: DataFile
    ) -> None:
        """And no error."""
        found = asyncio.run(lake.check(DataFile(file.path + "x", 1, 1, "")))

        assert found is not None
        assert found.defect is Defect.MISSING

    def test_what_is_removed_is_gone(self, lake: LakeMaintenance, file: DataFile) -> None:
        """Its folder is among the settled ones before, and not after; twice is once."""
        folder = file.path.rpartition("/")[0]
        (found,) = [each for each in asyncio.run(lake.settled()) if each.path == folder]
        asyncio.run(lake.remove([found]))
        asyncio.run(lake.remove([found]))

        assert found.files >= 1
        assert folder not in [each.path for each in asyncio.run(lake.settled())]
        assert asyncio.run(lake.check(file)) is not None
