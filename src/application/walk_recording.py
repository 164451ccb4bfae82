"""Walks a source over recorded answers: no network, the same functions as an ingest."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.errors import ParseError, PermanentError, PipelineError
from domain.expectations import QuarantinedRecord
from domain.options import check_options
from domain.recordings import Recording, recording_key
from domain.requests import Request, Response
from domain.sources import Page, Source
from domain.tables import Record

_MOST_REQUESTS = 10_000
_NOT_FOUND = 404


@dataclass(slots=True)
class RecordedWalk:
    """What a walk came to.

    Attributes:
        kept_out: records by table that the source sends to quarantine.
        answered: requests that the recording has an answer to, with the answer.
        missing: those that it has none for; they count as "not found" (404).
        total: number of items as the upstream says.
    """

    rows: defaultdict[str, list[Record]] = field(default_factory=lambda: defaultdict(list))
    kept_out: defaultdict[str, list[QuarantinedRecord]] = field(
        default_factory=lambda: defaultdict(list)
    )
    answered: list[tuple[Request, Response]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    requests: int = 0
    items: int = 0
    total: int | None = None


def walk_recording(source: Source, recording: Recording) -> RecordedWalk:
    """Walk to the end; whatever goes wrong is a complaint, not an error."""
    walk = RecordedWalk()
    pending: deque[Request] = deque()
    deferred: list[Any] = []
    gathered = 0
    asked: set[str] = set()
    try:
        target = source.check_target(recording.target)
        options = check_options(source, recording.options, None)
        pending.extend(source.start(target, recording.window, options))
    except PipelineError as error:
        walk.complaints.append(f"The recording's target or options: {error}")
    while pending or deferred:
        if not pending:
            size = source.gather_size
            batch, deferred = deferred[:size], deferred[size:]
            page = source.gather(batch, gathered) if source.gather else Page()
            gathered += len(batch)
        else:
            request = pending.popleft()
            key = recording_key(request)
            whole = f"{request.method} {key} {request.content!r} {request.context!r}"
            if (request.expands and whole in asked) or walk.requests >= _MOST_REQUESTS:
                walk.complaints.append(f"The paging never ends: it comes again to {key[:200]}.")
                break
            asked.add(whole)
            page = _answered(walk, source, recording, request)
        pending.extend(page.requests)
        deferred.extend(page.deferred)
        _count(walk, page)
    return walk


def _answered(walk: RecordedWalk, source: Source, recording: Recording, request: Request) -> Page:
    key = recording_key(request)
    answer = recording.answers.get(key)
    walk.requests += 1
    try:
        if answer is not None:
            walk.answered.append((request, answer))
            try:
                return source.parse(request, answer)
            except ParseError as error:
                return source.failed(request, error)
        walk.missing.append(key)
        unknown = PermanentError("not recorded", url=request.url, status=_NOT_FOUND)
        return source.failed(request, unknown)
    except Exception as raised:  # noqa: BLE001  # of a plug-in, say: to be told, not to be met
        if answer is not None:
            unexpected = "" if isinstance(raised, PipelineError) else f"{type(raised).__name__}: "
            walk.complaints.append(f"{key}: {unexpected}{raised}")
        elif walk.requests == 1:
            walk.complaints.append(f"{key} is asked first and not recorded. {_recorded(recording)}")
        return Page()


def _recorded(recording: Recording) -> str:
    keys: Sequence[str] = list(recording.answers)
    return (
        f"Recorded: {', '.join(keys[:3]) or 'nothing'}{' …' if len(keys) > len(keys[:3]) else ''}"
    )


def _count(walk: RecordedWalk, page: Page) -> None:
    for table, records in page.records.items():
        walk.rows[table].extend(records)
    for table, kept_out in page.quarantined.items():
        walk.kept_out[table].extend(kept_out)
    walk.items += page.items
    walk.total = page.total if page.total is not None else walk.total
