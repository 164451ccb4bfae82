"""Checks a source against its recording."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from application.ports.source_files import SourceFiles
from application.ports.source_registry import SourceRegistry
from application.walk_recording import RecordedWalk, walk_recording
from domain.errors import NotFoundError
from domain.expectations import QuarantinedRecord, RecordChecker
from domain.recordings import Recording
from domain.requests import Request, Response
from domain.source_checks import FindUnread, SourceCheck
from domain.sources import Source
from domain.tables import Record, TableSpec
from domain.value_types import fits

_SHOWN = 5


class CheckSource:
    """Walks a source over recorded answers and judges what comes of it; asks nobody."""

    def __init__(
        self,
        *,
        registry: SourceRegistry,
        files: SourceFiles,
        unread: FindUnread,
    ) -> None:
        self._registry = registry
        self._files = files
        self._unread = unread

    async def execute(self, name: str) -> SourceCheck:
        """The check of a source by its name.

        Raises:
            NotFoundError: there is no such source, or it has no recording.
            ConfigurationError: a file cannot be read.
        """
        known = {each.name: each for each in self._registry.all()}
        if name not in known:
            hint = "`app sources list` lists them."
            raise NotFoundError(what="source", name=name, known=known, hint=hint)
        recording = self._files.recording(name)
        return self.check(known[name], recording)

    def check(self, source: Source, recording: Recording) -> SourceCheck:
        """The check of a source that is at hand."""
        walk = walk_recording(source, recording)
        complaints = list(walk.complaints)
        for table in source.tables:
            kept_out = walk.kept_out[table.name]
            complaints.extend(_complaints(source, table, walk.rows[table.name], kept_out))
        if not walk.missing and walk.total is not None and walk.total != walk.items:
            complaints.append(
                f"The upstream speaks of {walk.total} items, the pages have {walk.items}."
            )
        return SourceCheck(
            source=source.name,
            place=recording.place,
            rows={table.name: len(walk.rows[table.name]) for table in source.tables},
            requests=walk.requests,
            missing=tuple(walk.missing),
            complaints=tuple(complaints),
            notes=tuple(_notes(walk)),
            unread=tuple(self._unread_of(source, walk)),
        )

    def _unread_of(self, source: Source, walk: RecordedWalk) -> list[str]:
        """Members that make no difference in any answer that has them."""
        found: dict[str, bool] = {}
        for request, answer in walk.answered:
            for path, idle in self._unread(answer, _reader(source, request)).items():
                found[path] = found.get(path, True) and idle
        return [path for path, idle in found.items() if idle]


def _reader(source: Source, request: Request) -> Callable[[Response], object]:
    """What an answer to the request is read as; None for one that is refused."""

    def read(answer: Response) -> object:
        try:
            return source.parse(request, answer)
        except Exception:  # noqa: BLE001  # an answer that is not like the recorded one
            return None

    return read


def _complaints(
    source: Source,
    table: TableSpec,
    rows: Sequence[Record],
    kept_out: Sequence[QuarantinedRecord],
) -> Iterator[str]:
    """What is wrong with a table's records, a few of each sort."""
    fields = table.schema.fields
    odd = [
        f"{table.name}: record {at}: {own.name} is {str(value)[:60]!r}, which is no {own.type}"
        for at, row in enumerate(rows)
        for own, value in zip(fields, row, strict=False)
        if not fits(own.type, value)
    ]
    yield from _few(odd)
    checked = RecordChecker(table, source.expectations).check(rows)
    quarantined = (*kept_out, *checked.quarantined)
    reasons = Counter(f"{each.rule}: {each.reason}" for each in quarantined)
    yield from _few([f"{table.name}: {why} ({count} records)" for why, count in reasons.items()])
    positions = table.schema.positions(table.key)
    keys = Counter(tuple(row[at] for at in positions) for row in checked.good)
    again = [
        f"{table.name}: {count} records have the key {_shown(table.key, key)}"
        for key, count in keys.items()
        if count > 1
    ]
    yield from _few(again)


def _shown(names: Sequence[str], key: Sequence[object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in zip(names, key, strict=True))[:200]


def _few(complaints: Sequence[str]) -> Iterator[str]:
    yield from complaints[:_SHOWN]
    if len(complaints) > _SHOWN:
        yield f"… and {len(complaints) - _SHOWN} more like these."


def _notes(walk: RecordedWalk) -> Iterator[str]:
    if walk.missing:
        yield (
            f"{len(walk.missing)} of {walk.requests} requests are not recorded, "
            f"the first is {walk.missing[0][:200]}"
        )
    elif not walk.complaints:
        yield f"the paging ends with request {walk.requests}"
