"""Manifests removed."""

from pathlib import Path

import pytest

from adapters.storage.data_folder import DataFolder
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.file_version_history import FileVersionHistory
from adapters.storage.file_version_pruner import FileVersionPruner
from application.ports.manifest_log import ManifestLog
from application.ports.version_history import VersionHistory
from application.ports.version_pruner import VersionPruner
from tests.contracts.version_pruner_contract import VersionPrunerContract


class TestFileVersionPruner(VersionPrunerContract):
    @pytest.fixture
    def folder(self, tmp_path: Path) -> DataFolder:
        return DataFolder(tmp_path)

    @pytest.fixture
    def log(self, folder: DataFolder) -> ManifestLog:
        return FileManifestLog(folder)

    @pytest.fixture
    def history(self, folder: DataFolder) -> VersionHistory:
        return FileVersionHistory(folder)

    @pytest.fixture
    def pruner(self, folder: DataFolder) -> VersionPruner:
        return FileVersionPruner(folder)
