"""Walks a source over the sandbox's upstreams, without HTTP, at a moment of our choice."""

import random
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from domain.errors import FetchError, PermanentError, RefusedError
from domain.headers import Headers
from domain.options import check_options
from domain.requests import Request, Response
from domain.sources import Page, Source, Window
from domain.tables import Record
from entrypoints.sandbox.opensea_routes import OpenSeaRoutes
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.upstreams import Upstreams

_THROTTLED = frozenset({418, 429})
_REFUSED = frozenset({401, 403})
_MOST_REQUESTS = 5000
_HEADERS = {
    b"user-agent": b"pipeline (+me@example.com)",
    b"authorization": b"Token a-key",
    b"x-api-key": b"a-key",
}

type Table = dict[tuple[object, ...], Record]


@dataclass
class Walked:
    """What a walk came to: rows by key, and all that was asked."""

    tables: dict[str, Table] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    items: int = 0
    complete_until: datetime | None = None


class SandboxWalk:
    """A source and its sandbox at a moment; a limit that is reached is waited for at once."""

    def __init__(self, source: Source, target: str, now: datetime, **options: str) -> None:
        self._source = source
        self._target = source.check_target(target)
        self._options = options
        self._now = now
        self._upstreams = Upstreams(now.timestamp)
        self._opensea = OpenSeaRoutes(SandboxOptions(items=40), now.timestamp)

    def run(
        self, window: Window | None = None, *, limit: int | None = None, shuffle: int | None = None
    ) -> Walked:
        """Walk to the end; `shuffle` seeds the order in which pending requests are answered."""
        options = check_options(self._source, self._options, limit)
        pending = [*self._source.start(self._target, window or Window(), options)]
        chance = random.Random(shuffle)
        walked = Walked()
        while pending:
            at = 0 if shuffle is None else chance.randrange(len(pending))
            request = pending.pop(at)
            walked.requests.append(request)
            assert len(walked.requests) < _MOST_REQUESTS, "the walk does not end"
            page = self._page(request)
            pending += page.requests
            self._take_in(walked, page)
        return walked

    def _take_in(self, walked: Walked, page: Page) -> None:
        walked.items += page.items
        walked.notes += page.notes
        if page.complete_until is not None:
            known = walked.complete_until or page.complete_until
            walked.complete_until = max(known, page.complete_until)
        for name, records in page.records.items():
            table = self._source.table(name)
            key = table.schema.positions(table.key)
            rows = walked.tables.setdefault(name, {})
            for record in records:
                rows[tuple(record[position] for position in key)] = record

    def _page(self, request: Request) -> Page:
        answer = self.answer(request)
        if isinstance(answer, FetchError):
            return self._source.failed(request, answer)
        return self._source.parse(request, answer)

    def answer(self, request: Request) -> Response | FetchError:
        """What the sandbox says to a request."""
        query = urlencode(request.params, quote_via=quote).encode()
        asked = ("GET", request.url, query, _HEADERS, "http://sandbox.test")
        answer = self._upstreams.answer(*asked) or self._opensea.answer(*asked)
        if answer.status in _THROTTLED:
            self._upstreams = Upstreams(self._now.timestamp)
            return self.answer(request)
        if answer.status not in range(200, 300):
            kind = RefusedError if answer.status in _REFUSED else PermanentError
            words = answer.body[:200].decode("utf-8", "replace")
            return kind(f"HTTP {answer.status}: {words}", url=request.url, status=answer.status)
        fields = Headers((name.decode(), value.decode()) for name, value in answer.headers)
        return Response(answer.status, fields, answer.body, self._now)


def merged(*walks: Walked) -> dict[str, Table]:
    """The tables after several runs, one after another."""
    tables: dict[str, Table] = {}
    for walk in walks:
        for name, rows in walk.tables.items():
            tables.setdefault(name, {}).update(rows)
    return tables
