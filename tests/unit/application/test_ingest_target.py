"""An ingest publishes a whole version or leaves the old one."""

import asyncio
from dataclasses import replace

import pytest

from application.ports.progress import ProgressReport
from application.recover_runs import RecoverRuns
from domain.errors import (
    FetchError,
    NotFoundError,
    ParseError,
    PermanentError,
    PipelineError,
    RefusedError,
    RetryableError,
    RunFailedError,
    RunLockedError,
    StorageError,
    UpstreamDownError,
    UsageError,
)
from domain.expectations import QuarantinedRecord
from domain.requests import Request, Response, Trust
from domain.runs import RowCounts, Run, RunState
from domain.sources import Page
from tests.fakes.sample_source import SAMPLE, answer, sample_answers
from tests.unit.application.conftest import Workshop


def test_a_whole_target_is_published(workshop: Workshop) -> None:
    """Every item and detail is in the version, the balance adds up, and the log has it."""
    run = asyncio.run(workshop.run())

    assert run.state is RunState.SUCCEEDED
    assert run.version == 1
    assert run.tables == {
        "test.items": RowCounts(fetched=10, published=10),
        "test.details": RowCounts(fetched=20, published=20),
    }
    assert workshop.publisher.published == [(1, "things")]
    assert workshop.runs.runs["RUN1"] == run
    assert workshop.progress.finished_runs == [run]
    assert workshop.fetchers.closed == 1


def test_the_log_shows_the_run_while_it_goes_on(workshop: Workshop) -> None:
    """`running` is written before the first request."""
    asyncio.run(workshop.run())

    assert workshop.runs.history[0].state is RunState.RUNNING
    assert workshop.runs.history[-1].state is RunState.SUCCEEDED


def test_each_request_is_asked_once(workshop: Workshop) -> None:
    """Three pages and ten items."""
    asyncio.run(workshop.run())

    assert set(workshop.fetcher.asked.values()) == {1}
    assert workshop.fetcher.asked.total() == 3 + 10


def test_few_failed_items_leave_the_run_succeeded_and_many_make_it_partial() -> None:
    """The threshold is the source's; the rows are there in both cases."""
    answers = dict(sample_answers(10))
    answers["/things/item/00003"] = PermanentError("gone", status=410)  # type: ignore[assignment]  # an answer
    tolerant = Workshop(answers, replace(SAMPLE, partial_above=0.1))
    strict = Workshop(answers, replace(SAMPLE, partial_above=0.09))

    assert asyncio.run(tolerant.run()).state is RunState.SUCCEEDED
    run = asyncio.run(strict.run())
    assert run.state is RunState.PARTIAL
    assert run.tables["test.items"].published == 10
    assert run.failures == {"details: HTTP 410": 1}


def test_max_errors_ends_the_run_without_a_version() -> None:
    """One more failed item than allowed, and nothing is published."""
    answers = dict(sample_answers(10))
    for name in ("00003", "00004"):
        del answers[f"/things/item/{name}"]
    workshop = Workshop(answers)
    with pytest.raises(RunFailedError, match="--max-errors"):
        asyncio.run(workshop.run(max_errors=1))

    assert workshop.manifests.manifests == []
    assert workshop.runs.runs["RUN1"].state is RunState.FAILED


@pytest.mark.parametrize(
    "error",
    [
        RetryableError("down", status=503),
        RefusedError("no", status=401),
        PermanentError("odd", status=400),
        ParseError("garbage"),
    ],
)
def test_a_list_that_fails_publishes_nothing_and_keeps_its_error(error: PipelineError) -> None:
    """The error reaches the caller as it is; the run is `failed`; staging is discarded."""
    answers = dict(sample_answers(10))
    answers["/things/2"] = error  # type: ignore[assignment]  # an answer
    workshop = Workshop(answers)
    with pytest.raises(type(error)):
        asyncio.run(workshop.run())

    failed = workshop.runs.runs["RUN1"]
    assert (failed.state, failed.version) == (RunState.FAILED, None)
    assert str(error) in (failed.error or "")
    assert workshop.manifests.manifests == []
    assert workshop.writer.discarded == 1
    assert workshop.progress.finished_runs == [failed]


def test_an_unreadable_page_is_asked_for_once_more() -> None:
    """Upstreams cut answers off and send 200."""
    whole = sample_answers(10)
    cut = [answer("cut")]

    def answers(request: object) -> object:
        url = request.url  # type: ignore[attr-defined]  # a Request
        return cut.pop() if url == "/things/1" and cut else whole[url]

    workshop = Workshop(answers)  # type: ignore[arg-type]  # any callable
    run = asyncio.run(workshop.run())

    assert run.tables["test.items"].published == 10
    assert workshop.fetcher.asked["/things/1"] == 2


def test_an_unknown_target_is_not_found(workshop: Workshop) -> None:
    """The source's own word reaches the caller."""
    with pytest.raises(NotFoundError):
        asyncio.run(workshop.run("nothing"))


@pytest.mark.parametrize("stage", ["drain", "checkpoint", "seal"])
def test_a_storage_failure_publishes_nothing(workshop: Workshop, stage: str) -> None:
    """A full disk fails the run and leaves the catalog alone."""
    workshop.writer.fail_at = stage
    with pytest.raises(StorageError):
        asyncio.run(workshop.run())

    assert workshop.manifests.manifests == []
    assert workshop.runs.runs["RUN1"].state is RunState.FAILED


def test_a_failed_commit_is_a_failed_run(workshop: Workshop) -> None:
    """Nothing is published under a version that does not exist."""

    async def failing() -> None:
        workshop.manifests.fail = None
        await workshop.run()
        workshop.change(11)
        workshop.manifests.fail = StorageError("no link")
        await workshop.run()

    with pytest.raises(StorageError):
        asyncio.run(failing())
    assert [version for version, _ in workshop.publisher.published] == [1]


def test_a_failed_publication_is_said_and_the_version_stands(workshop: Workshop) -> None:
    """Queries read the manifest; a derived file can be made again."""
    workshop.publisher.fail = StorageError("disk full")
    run = asyncio.run(workshop.run())

    assert (run.state, run.version) == (RunState.PARTIAL, 1)
    assert "disk full" in run.notes[-1]


def test_an_interrupt_leaves_a_closed_run_and_no_version(workshop: Workshop) -> None:
    """Cancellation cleans up, and the log says `interrupted`."""
    workshop.fetcher.hang_at = "/things/item/00005"

    async def interrupted() -> None:
        task = asyncio.ensure_future(workshop.run())
        await workshop.fetcher.hanging.wait()
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())
    assert workshop.runs.runs["RUN1"].state is RunState.INTERRUPTED
    assert workshop.manifests.manifests == []
    assert workshop.writer.discarded == 1
    assert workshop.lock.held == set()


def test_a_held_target_is_refused_before_anything_is_asked(workshop: Workshop) -> None:
    """No request, no run in the log."""
    workshop.lock.held.add(("test", "things"))
    with pytest.raises(RunLockedError):
        asyncio.run(workshop.run())

    assert workshop.fetcher.asked.total() == 0
    assert workshop.runs.runs == {}


def test_bad_words_are_refused_before_anything_is_asked(workshop: Workshop) -> None:
    """Targets, domains, sources and parameters."""
    for target in ("../etc", "refused"):
        with pytest.raises(UsageError):
            asyncio.run(workshop.run(target))
    with pytest.raises(NotFoundError, match="flavour"):
        asyncio.run(workshop.run(options={"flavor": "x"}))
    with pytest.raises(NotFoundError):
        asyncio.run(workshop.run(source="other"))

    assert workshop.fetcher.asked.total() == 0
    assert workshop.runs.runs == {}


def test_a_source_that_cannot_start_leaves_no_run() -> None:
    """What the source says about the window is a usage error, not a failed run."""

    def refuse(_target: str, _window: object, _options: object) -> list[Request]:
        message = "no windows here"
        raise UsageError(message)

    workshop = Workshop(source=replace(SAMPLE, start=refuse))
    with pytest.raises(UsageError):
        asyncio.run(workshop.run())

    assert workshop.runs.runs == {}


def test_limit_reaches_the_source_and_is_noted(workshop: Workshop) -> None:
    """Exactly so many items, and no further page than needed."""
    run = asyncio.run(workshop.run(limit=5))

    assert run.tables["test.items"].published == 5
    assert "/things/2" not in workshop.fetcher.asked
    assert run.notes == ("limited to 5 items",)


def test_an_upstream_that_lists_nothing_of_many_does_not_empty_the_table() -> None:
    """It says 10 and lists none: the old version stays."""
    workshop = Workshop({"/things/0": answer({"items": [], "total": 10})})
    with pytest.raises(RunFailedError, match="listed none"):
        asyncio.run(workshop.run())


def test_an_empty_target_is_published_empty() -> None:
    """Nothing is also an answer."""
    run = asyncio.run(Workshop(sample_answers(0)).run())

    assert run.state is RunState.SUCCEEDED
    assert run.notes == ("the target has no items",)


def test_records_that_a_source_keeps_out_go_to_quarantine() -> None:
    """Beside those that break expectations, and they are in the balance."""

    def parse(request: Request, response: Response) -> Page:
        page = SAMPLE.parse(request, response)
        odd = QuarantinedRecord("type", "color: a list", ("1", 9, "[]"))
        return replace(page, quarantined={"details": [odd]}) if page.items else page

    workshop = Workshop(sample_answers(2), replace(SAMPLE, parse=parse))
    run = asyncio.run(workshop.run())

    assert run.tables["test.details"] == RowCounts(fetched=6, published=4, quarantined=2)
    assert workshop.writer.rows["test.details"]


def test_records_that_break_expectations_go_to_quarantine() -> None:
    """They are counted, and the balance holds."""
    answers = dict(sample_answers(3))
    answers["/things/item/00001"] = answer({"colors": ["red", "blue"]})
    items = [{"id": None, "name": "nameless"}, {"id": "00001", "name": "x"}]
    answers["/things/0"] = answer({"items": items})
    answers["/things/item/None"] = answer({"colors": []})
    run = asyncio.run(Workshop(answers).run())

    assert run.tables["test.items"] == RowCounts(fetched=2, published=1, quarantined=1)


def test_progress_tells_how_far_it_is(workshop: Workshop) -> None:
    """The last report has all items, and the total that the upstream named."""
    asyncio.run(workshop.run())
    last: ProgressReport = workshop.progress.reports[-1]

    assert (last.done, last.total, last.stage) == (10, 10, "writing")
    assert last.statistics.requests == 13


def test_what_a_killed_run_left_is_put_in_order(workshop: Workshop) -> None:
    """A run that still says `running` is closed by the next holder of the lock."""

    async def story() -> None:
        await workshop.run()
        done = workshop.runs.runs["RUN1"]
        workshop.runs.runs["DEAD"] = replace(
            done, run_id="DEAD", state=RunState.RUNNING, version=None, finished_at=None
        )
        workshop.runs.runs["OTHER"] = replace(
            workshop.runs.runs["DEAD"], run_id="OTHER", target="elsewhere"
        )
        workshop.runs.runs["RUN1"] = replace(done, state=RunState.RUNNING, version=None)
        workshop.change(11)
        await workshop.run()

    asyncio.run(story())
    states: dict[str, Run] = workshop.runs.runs
    assert states["DEAD"].state is RunState.INTERRUPTED
    assert (states["RUN1"].state, states["RUN1"].version) == (RunState.PARTIAL, 1)
    assert states["OTHER"].state is RunState.RUNNING
    assert workshop.publisher.published == [(1, "things"), (1, "things"), (2, "things")]


def test_a_killed_run_keeps_its_own_version_although_a_later_one_was_made(
    workshop: Workshop,
) -> None:
    """Its record names what it committed; what is published again is the newest."""

    async def story() -> None:
        await workshop.run()
        workshop.change(11)
        await workshop.run()
        done = workshop.runs.runs["RUN1"]
        workshop.runs.runs["RUN1"] = replace(done, state=RunState.RUNNING, version=None)
        await workshop.run()

    asyncio.run(story())
    assert workshop.runs.runs["RUN1"].version == 1
    assert workshop.publisher.published[2] == (2, "things")


def test_published_files_that_cannot_be_mended_do_not_stop_the_next_run(
    workshop: Workshop,
) -> None:
    """The commit that follows writes them anyway."""

    async def story() -> None:
        await workshop.run()
        done = workshop.runs.runs["RUN1"]
        workshop.runs.runs["RUN1"] = replace(done, state=RunState.RUNNING, version=None)
        workshop.publisher.fail = StorageError("the disk is full")
        await RecoverRuns(
            workshop.manifests,
            workshop.publisher,
            workshop.runs,
            workshop.checkpoints,
            workshop.clock,
        ).execute([("test", "things")])

    asyncio.run(story())
    run = workshop.runs.runs["RUN1"]
    assert (run.state, run.version, run.files) == (RunState.PARTIAL, 1, ())


def test_f055_a_run_ends_when_its_upstream_is_given_up() -> None:
    """An item's request to the source's own origin that was not sent any more ends the walk."""
    down = UpstreamDownError("sample.invalid is given up: no connection")
    answers: dict[str, Response | FetchError] = {**sample_answers(200)}
    answers["/things/item/00003"] = down
    workshop = Workshop(answers=answers)

    with pytest.raises(UpstreamDownError):
        asyncio.run(workshop.run())
    assert workshop.runs.runs["RUN1"].state is RunState.FAILED
    assert workshop.fetcher.asked.total() < 200


def test_f048_a_given_up_host_of_an_item_leaves_the_run_alone() -> None:
    """An address found in data is an item's matter."""
    down = UpstreamDownError("data.test is given up: no connection")
    source = replace(
        SAMPLE,
        parse=lambda request, response: _with_strangers(SAMPLE.parse(request, response)),
    )
    workshop = Workshop(answers={**sample_answers(4), "/things/item/00001": down}, source=source)

    run = asyncio.run(workshop.run())
    assert run.version == 1
    assert run.failures == {"details: unreadable": 1}


def _with_strangers(page: Page) -> Page:
    """Its items are asked for elsewhere."""
    requests = [
        each if each.expands else replace(each, trust=Trust.UNTRUSTED) for each in page.requests
    ]
    return replace(page, requests=requests)
