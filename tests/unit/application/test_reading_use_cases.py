"""What is published, planned and wrong: the use cases that only read."""

import asyncio
from collections.abc import Sequence

import pytest

from application.describe_table import DescribeTable
from application.diagnose import Diagnose
from application.ingest_request import IngestRequest
from application.list_datasets import ListDatasets
from application.plan_ingest import PlanIngest
from application.ports.health_probe import HealthProbe
from domain.errors import NotFoundError, RetryableError, StorageError
from domain.health import Finding, Level
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE, sample_answers
from tests.unit.application.conftest import Workshop


def test_datasets_are_listed_by_table_and_target(workshop: Workshop) -> None:
    """One row a target in each table, with its rows and its run."""
    asyncio.run(workshop.run())
    found = asyncio.run(ListDatasets(manifests=workshop.manifests).execute())

    assert [(each.table, each.target, each.rows) for each in found] == [
        ("test.details", "things", 20),
        ("test.items", "things", 10),
    ]
    assert {each.run_id for each in found} == {"RUN1"}


@pytest.mark.parametrize("name", ["items", "test.items"])
def test_a_table_is_described_before_and_after_it_is_published(
    workshop: Workshop, name: str
) -> None:
    """By its short or its full name; columns carry their meaning."""
    describe = DescribeTable(
        manifests=workshop.manifests, registry=FakeSourceRegistry(workshop.source)
    )
    promised = asyncio.run(describe.execute(name))
    asyncio.run(workshop.run())
    published = asyncio.run(describe.execute(name))

    assert [field.name for field in promised.fields][-2:] == ["_run_id", "_fetched_at"]
    assert (promised.name, promised.datasets) == ("test.items", [])
    assert [each.target for each in published.datasets] == ["things"]
    assert all(field.meaning for field in promised.fields)


def test_an_unknown_table_comes_with_suggestions(workshop: Workshop) -> None:
    """Both forms of a name are suggested."""
    describe = DescribeTable(manifests=workshop.manifests, registry=FakeSourceRegistry(SAMPLE))
    with pytest.raises(NotFoundError, match="items"):
        asyncio.run(describe.execute("itmes"))


def test_a_plan_asks_only_the_first_requests(workshop: Workshop) -> None:
    """The total, the tables and what would follow; nothing is stored."""
    plan = PlanIngest(registry=FakeSourceRegistry(SAMPLE), fetchers=workshop.fetchers)
    found = asyncio.run(plan.execute(IngestRequest(domain="test", target="things")))

    assert found.total == 10
    assert found.tables == ["test.items", "test.details"]
    assert len(found.next) == 4 + 1
    assert workshop.fetcher.asked.total() == 1


def test_a_plan_for_an_upstream_that_is_down_fails_as_an_ingest_would() -> None:
    """The source decides what a failed first request means."""
    answers = dict(sample_answers(1))
    answers["/things/0"] = RetryableError("down")  # type: ignore[assignment]  # an answer
    workshop = Workshop(answers)
    plan = PlanIngest(registry=FakeSourceRegistry(SAMPLE), fetchers=workshop.fetchers)
    with pytest.raises(RetryableError):
        asyncio.run(plan.execute(IngestRequest(domain="test", target="things")))


class OneFinding(HealthProbe):
    """A probe with something to say."""

    async def probe(self) -> Sequence[Finding]:
        return [Finding("disk", Level.WARNING, "nearly full", "Free some space.")]


class BrokenManifests:
    """A catalog that cannot be read."""

    async def latest(self) -> None:
        message = "unreadable"
        raise StorageError(message)


def test_diagnosis_names_catalog_and_cache_after_the_probes(workshop: Workshop) -> None:
    """Everything is fine, or said to be otherwise with advice."""
    diagnose = Diagnose(
        probes=[OneFinding()], manifests=workshop.manifests, cache=FakeResponseCache(FakeClock())
    )
    found = asyncio.run(diagnose.execute())

    assert [(each.name, each.level.value) for each in found] == [
        ("disk", "warning"),
        ("catalog", "ok"),
        ("cache", "ok"),
    ]


def test_a_broken_catalog_is_a_failure_and_not_an_error() -> None:
    """`app doctor` goes on to the end."""
    diagnose = Diagnose(
        probes=[],
        manifests=BrokenManifests(),  # type: ignore[arg-type]  # only `latest` is asked
        cache=FakeResponseCache(FakeClock()),
    )
    found = asyncio.run(diagnose.execute())

    assert found[0] == Finding("catalog", Level.FAILURE, "unreadable")
