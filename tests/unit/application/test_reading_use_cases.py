"""What is published, planned and wrong: the use cases that only read."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from application.describe_table import DescribeTable
from application.diagnose import Diagnose
from application.ingest_request import IngestRequest
from application.list_datasets import ListDatasets
from application.plan_ingest import PlanIngest
from application.ports.health_probe import HealthProbe
from application.ports.profiles import Profiles
from domain.errors import NotFoundError, PermanentError, RetryableError, StorageError
from domain.health import Finding, Level
from domain.manifest import DataFile
from domain.profiles import TableProfile
from domain.requests import Request
from domain.sources import Page
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_response_cache import FakeResponseCache
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE, sample_answers
from tests.unit.application.conftest import Workshop


def test_datasets_are_listed_by_table_and_target(workshop: Workshop) -> None:
    """One row a target in each table, with its rows and its run."""
    asyncio.run(workshop.run())
    use_case = ListDatasets(manifests=workshop.manifests, runs=workshop.runs)
    found = asyncio.run(use_case.execute())

    assert [(each.table, each.target, each.rows) for each in found] == [
        ("test.details", "things", 20),
        ("test.items", "things", 10),
    ]
    assert {each.run_id for each in found} == {"RUN1"}
    asyncio.run(workshop.run())
    again = asyncio.run(use_case.execute())
    assert [(each.run_id, each.last_run and each.last_run.unchanged) for each in again] == [
        ("RUN1", True),
        ("RUN1", True),
    ]


@pytest.mark.parametrize("name", ["items", "test.items"])
def test_a_table_is_described_before_and_after_it_is_published(
    workshop: Workshop, name: str
) -> None:
    """By its short or its full name; columns carry their meaning."""
    describe = _describe(workshop)
    promised = asyncio.run(describe.execute(name))
    asyncio.run(workshop.run())
    published = asyncio.run(describe.execute(name))

    assert [field.name for field in promised.fields][-2:] == ["_run_id", "_fetched_at"]
    assert (promised.name, list(promised.datasets)) == ("test.items", [])
    assert [each.target for each in published.datasets] == ["things"]
    assert published.profile == TableProfile(10, ())
    assert [run.run_id for run in published.runs] == ["RUN1"]
    assert [each.check for each in published.checks] == ["run", "balance"]
    assert all(field.meaning for field in promised.fields)


def test_an_unknown_table_comes_with_suggestions(workshop: Workshop) -> None:
    """Both forms of a name are suggested."""
    with pytest.raises(NotFoundError, match="items"):
        asyncio.run(_describe(workshop).execute("itmes"))


def test_one_data_set_of_a_table_is_described(workshop: Workshop) -> None:
    """Its rows and runs alone; another one is not found, also before there is any."""
    describe = _describe(workshop)
    with pytest.raises(NotFoundError, match=r"No data set of test\.items named 'things'"):
        asyncio.run(describe.execute("items", "things"))
    asyncio.run(workshop.run("things"))
    workshop.fetcher.answers = sample_answers(3, target="others")
    asyncio.run(workshop.run("others"))
    both = asyncio.run(describe.execute("items"))
    one = asyncio.run(describe.execute("items", "others"))

    assert both.profile is not None
    assert one.profile is not None
    assert (both.profile.rows, one.profile.rows) == (13, 3)
    assert [run.target for run in one.runs] == ["others"]
    assert [each.target for each in one.datasets] == ["others"]
    with pytest.raises(NotFoundError, match="Did you mean others"):
        asyncio.run(describe.execute("items", "other"))


def test_a_table_whose_files_are_broken_is_described_without_figures(workshop: Workshop) -> None:
    """Its meaning, runs and checks are known all the same."""
    asyncio.run(workshop.run())
    found = asyncio.run(_describe(workshop, BrokenProfiles()).execute("items"))

    assert found.profile is None
    assert (len(found.datasets), len(found.runs), len(found.checks)) == (1, 1, 2)


class FakeProfiles(Profiles):
    """Knows how many rows there are."""

    async def of(self, files: Sequence[DataFile]) -> TableProfile:
        return TableProfile(sum(file.rows for file in files), ())


class BrokenProfiles(Profiles):
    """There is none, and the rows cannot be read."""

    async def of(self, files: Sequence[DataFile]) -> TableProfile:
        message = "unreadable"
        raise StorageError(message)


def _describe(workshop: Workshop, profiles: Profiles | None = None) -> DescribeTable:
    return DescribeTable(
        manifests=workshop.manifests,
        registry=FakeSourceRegistry(workshop.source),
        runs=workshop.runs,
        profiles=profiles or FakeProfiles(),
    )


def test_a_plan_asks_only_the_first_requests(workshop: Workshop) -> None:
    """The total, the tables and what would follow; nothing is stored."""
    plan = PlanIngest(registry=FakeSourceRegistry(SAMPLE), fetchers=workshop.fetchers)
    found = asyncio.run(plan.execute(IngestRequest(domain="test", target="things")))

    assert found.total == 10
    assert found.tables == ["test.items", "test.details"]
    assert len(found.next) == 4 + 1
    assert workshop.fetcher.asked.total() == 1


def test_a_plan_for_an_unknown_target_asks_what_is_near(workshop: Workshop) -> None:
    """As an ingest would: a plan that names a request for help is of no use."""

    def failed(request: Request, _error: object) -> Page:
        if request.kind == "names":
            raise NotFoundError(what="thing", name="thinks", known=["things"])
        return Page(requests=[Request(kind="names", url="/names")])

    source = replace(SAMPLE, failed=failed)
    workshop.fetcher.answers = {
        "/thinks/0": PermanentError("gone", status=404),
        "/names": PermanentError("gone", status=404),
    }
    plan = PlanIngest(registry=FakeSourceRegistry(source), fetchers=workshop.fetchers)
    with pytest.raises(NotFoundError, match="Did you mean things"):
        asyncio.run(plan.execute(IngestRequest(domain="test", target="thinks")))


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
