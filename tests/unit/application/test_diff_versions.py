"""Which versions are compared."""

import asyncio
from dataclasses import replace

import pytest

from application.diff_versions import DiffVersions, VersionsDiff
from application.ports.version_differ import TableDiff, VersionDiffer
from application.resolve_version import ResolveVersion
from domain.errors import NotFoundError, UsageError
from domain.manifest import Manifest
from tests.fakes.fake_version_history import FakeVersionHistory
from tests.unit.application.conftest import Workshop


class FakeVersionDiffer(VersionDiffer):
    """Finds nothing, and remembers what it was asked to compare."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []

    async def diff(
        self, table: str, target: str, before: Manifest, after: Manifest, limit: int
    ) -> TableDiff:
        self.asked.append((table, before.version, after.version))
        return TableDiff(table, 0, 0, 0, (), (), ())


def diff(workshop: Workshop, *versions: str | None, target: str = "things") -> VersionsDiff:
    """Three versions of "things", of which the third is of another target."""

    async def story() -> VersionsDiff:
        await workshop.run()
        workshop.change(11)
        await workshop.run()
        latest = workshop.manifests.manifests[-1]
        workshop.manifests.manifests.append(replace(latest, version=3, run_id="OTHER"))
        before, after = versions or (None, None)
        history = FakeVersionHistory(workshop.manifests)
        use_case = DiffVersions(
            manifests=workshop.manifests,
            history=history,
            resolve=ResolveVersion(
                manifests=workshop.manifests,
                history=history,
                runs=workshop.runs,
                clock=workshop.clock,
            ),
            differ=FakeVersionDiffer(),
        )
        return await use_case.execute("test", target, before, after, 5)

    return asyncio.run(story())


@pytest.mark.parametrize(
    ("versions", "compared"),
    [((), (1, 3)), (("1", "2"), (1, 2)), (("RUN1", None), (1, 3)), ((None, "RUN2"), (1, 2))],
)
def test_versions_are_named_by_number_or_run(
    workshop: Workshop, versions: tuple[str | None, ...], compared: tuple[int, int]
) -> None:
    """By default the newest, and the last before it in which the target was another."""
    found = diff(workshop, *versions)

    assert (found.before, found.after) == compared
    assert [each.table for each in found.tables] == ["test.details", "test.items"]


@pytest.mark.parametrize(
    ("versions", "target", "words"),
    [
        ((), "thinks", "Did you mean test things"),
        (("9", None), "things", "version named '9'"),
        (("NOBODY", None), "things", "NOBODY"),
        ((None, "1"), "things", "the first that has"),
    ],
)
def test_what_is_not_there_is_not_found(
    workshop: Workshop, versions: tuple[str | None, ...], target: str, words: str
) -> None:
    """With a suggestion where there is one."""
    with pytest.raises(NotFoundError, match=words):
        diff(workshop, *versions, target=target)


def test_the_order_of_versions_is_that_of_time(workshop: Workshop) -> None:
    """Backwards makes no sense."""
    with pytest.raises(UsageError, match="not earlier"):
        diff(workshop, "2", "1")
