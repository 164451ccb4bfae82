"""What the container works out by itself."""

import resource

import pytest

from application.ingest_targets import MEMBERS
from entrypoints import container


@pytest.mark.parametrize(
    ("open_files", "members"),
    [(256, 28), (1024, MEMBERS), (100, 1), (resource.RLIM_INFINITY, MEMBERS)],
)
def test_targets_under_way_fit_into_the_open_files(
    open_files: int, members: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has two; a system that allows few has fewer targets under way."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (open_files, open_files))

    assert container._members() == members
