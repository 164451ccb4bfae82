"""What every keeper of lake files keeps to."""

import pytest

from application.ports.lake_files import QUARANTINE, LakeFiles
from domain.errors import StorageError
from domain.manifest import DataFile, Dataset, Manifest, TableVersion
from tests.contracts.manifest_log_contract import AT
from tests.fakes.sample_source import ITEMS


class LakeFilesContract:
    """Subclasses give `lake`, and `manifest`: things in `test.items` and `test.details`."""

    @pytest.fixture
    def lake(self) -> LakeFiles:
        raise NotImplementedError

    @pytest.fixture
    def manifest(self) -> Manifest:
        raise NotImplementedError

    def test_the_files_of_the_tables_are_there_while_they_are_held(
        self, lake: LakeFiles, manifest: Manifest
    ) -> None:
        """Again and by several at once; below a root that stays the same."""
        (items,) = manifest.tables["test.items"].datasets["things"].files
        (details,) = manifest.tables["test.details"].datasets["things"].files

        with lake.hold(manifest, ["test.items"]) as root:
            assert root == lake.root
            assert (root / items.path).stat().st_size == items.bytes
            with lake.hold(manifest, ["test.items", "test.details"], "things"):
                assert (root / details.path).stat().st_size == details.bytes
            assert (root / items.path).exists()

    def test_what_the_version_lacks_is_passed_over(
        self, lake: LakeFiles, manifest: Manifest
    ) -> None:
        """Tables, targets and a quarantine that nobody has."""
        with (
            lake.hold(manifest, ["no.table", "meta.runs", QUARANTINE]),
            lake.hold(manifest, ["test.items"], "nothing"),
            lake.hold(manifest, []),
            lake.hold(Manifest(), ["test.items"]),
        ):
            pass

    def test_a_file_that_is_not_there_is_an_error(self, lake: LakeFiles) -> None:
        """Of the storage; nothing is held."""
        gone = DataFile("lake/test/items/target=things/run=GONE/part-00000.parquet", 1, 1, "00")
        dataset = Dataset("GONE", "sample", AT, (gone,))
        table = TableVersion(ITEMS.schema, ITEMS.key, ITEMS.meaning, {"things": dataset})
        manifest = Manifest(1, AT, "GONE", {"test.items": table})

        with pytest.raises(StorageError), lake.hold(manifest, ["test.items"]):
            pytest.fail("there is no such file")
