"""A tiny time series for the engine's tests: hourly values, the last one not final yet.

`GET /<target>?since=<hour>&step=<step>` answers the hours from `since` on, up to an `until` if it
is given; `FakeSeries` is its upstream.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain.errors import FetchError, ParseError
from domain.headers import Headers
from domain.requests import Request, Response
from domain.schema import Field, Kind, Schema
from domain.sources import Options, Page, Parameter, Source, SourcePolicy, Window
from domain.tables import Record, TableSpec, WriteMode

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)

VALUES = TableSpec(
    "values",
    Schema(
        (
            Field("step", Kind.STRING, "which series"),
            Field("hour", Kind.TIMESTAMP, "begin of the hour"),
            Field("value", Kind.INTEGER, "what it was"),
            Field("is_final", Kind.BOOLEAN, "false for the hour that goes on"),
        )
    ),
    key=("step", "hour"),
    mode=WriteMode.MERGE,
    meaning="One row an hour.",
)


def hour(number: int) -> datetime:
    """The moment so many hours after the beginning."""
    return BEGINNING + timedelta(hours=number)


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    since = window.since or window.complete_until or BEGINNING
    number = int((since - BEGINNING).total_seconds() // 3600)
    params: tuple[tuple[str, str], ...] = (("since", str(number)), ("step", options["step"]))
    if window.until:
        last = int((window.until - BEGINNING).total_seconds() // 3600)
        params = (*params, ("until", str(last)))
    return [Request(kind="values", url=f"/{target}", params=params)]


def _parse(request: Request, response: Response) -> Page:
    step = dict(request.params)["step"]
    rows: list[Record] = [
        (step, hour(number), value, is_final)
        for number, value, is_final in json.loads(response.body)
    ]
    final = [row[1] for row in rows if row[3]]
    until = max((at for at in final if isinstance(at, datetime)), default=None)
    return Page(
        records={"values": rows},
        items=len(rows),
        complete_until=until + timedelta(hours=1) if until else None,
    )


def _failed(_request: Request, error: FetchError | ParseError) -> Page:
    raise error


SERIES = Source(
    name="series",
    domain="test",
    title="Hours in memory",
    example_target="clock",
    tables=(VALUES,),
    policy=SourcePolicy("https://series.invalid"),
    check_target=lambda target: target,
    start=_start,
    parse=_parse,
    failed=_failed,
    parameters=(Parameter("step", "which series", "1h"),),
)


class FakeSeries:
    """The upstream: `hours` are there, of which the last goes on; asked for from `asked` on."""

    def __init__(self, hours: int) -> None:
        self.hours = hours
        self.asked: list[int] = []

    def __call__(self, request: Request) -> Response:
        params = dict(request.params)
        since, until = int(params["since"]), int(params.get("until", self.hours))
        self.asked.append(since)
        last = self.hours - 1
        hours = range(since, min(until, last + 1))
        rows = [(n, n * 100 + (n == last) * self.hours, n != last) for n in hours]
        return Response(200, Headers(), json.dumps(rows).encode(), hour(self.hours))
