"""`app sources test` finds every source that comes with the program sound."""

import asyncio
from pathlib import Path

import pytest

from adapters.projects.project_source_files import ProjectSourceFiles
from adapters.registry.package_source_registry import PackageSourceRegistry
from adapters.sources.declared.declaration import read_declaration
from adapters.sources.drafting.unread import unread_members
from application.check_source import CheckSource
from tests.fakes.recorded_answers import RECORDINGS

REGISTRY = PackageSourceRegistry(read=read_declaration)


@pytest.mark.parametrize("name", [each.name for each in REGISTRY.all()])
def test_every_source_passes_its_own_test(name: str, tmp_path: Path) -> None:
    """Recorded answers give rows without complaints, in each of its tables or in the first."""
    files = ProjectSourceFiles(tmp_path, checkout=RECORDINGS, schema=("s", ""))
    use_case = CheckSource(registry=REGISTRY, files=files, unread=unread_members)
    found = asyncio.run(use_case.execute(name))
    assert found.complaints == ()
    assert sum(found.rows.values()) > 0
