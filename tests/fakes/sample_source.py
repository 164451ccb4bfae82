"""A tiny source for the engine's tests: a list in pages, one detail an item, no real upstream.

`GET /things/0` answers `{"items": [{"id", "name"}], "next": 1, "total": 7}`; the last page has
no `next`. `GET /things/item/<id>` answers `{"colors": [...]}`.
`sample_answers` makes all bodies of a walk, by URL.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from domain.errors import FetchError, NotFoundError, ParseError, UsageError
from domain.expectations import Expectation
from domain.headers import Headers
from domain.options import LIMIT
from domain.requests import Request, Response
from domain.schema import Field, Kind, Schema
from domain.sources import Failure, Options, Page, Parameter, Source, SourcePolicy, Window
from domain.tables import Record, TableSpec
from domain.targets import check_slug

FETCHED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

ITEMS = TableSpec(
    "items",
    Schema(
        (
            Field("id", Kind.STRING, "the item's own name"),
            Field("name", Kind.STRING, "its title; null when it has none"),
            Field("status", Kind.STRING, "`ok`, or `unreachable` when its details are missing"),
        )
    ),
    key=("id",),
    meaning="One row an item.",
)
DETAILS = TableSpec(
    "details",
    Schema(
        (
            Field("id", Kind.STRING, "the item"),
            Field("position", Kind.INTEGER, "counts an item's details from 0"),
            Field("color", Kind.STRING, "what the upstream says"),
        )
    ),
    key=("id", "position"),
    meaning="One row a detail of an item.",
)


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    left = int(options[LIMIT]) if LIMIT in options else None
    return [_page(target, 0, left)]


def _page(target: str, number: int, left: int | None) -> Request:
    context = {"target": target, "left": left}
    return Request(kind="page", url=f"/{target}/{number}", context=context, expands=True)


def _parse(request: Request, response: Response) -> Page:
    try:
        body = json.loads(response.body)
        return _list_page(request, body) if request.kind == "page" else _detail(request, body)
    except (ValueError, KeyError, TypeError) as error:
        message = f"{request.url} cannot be read."
        raise ParseError(message) from error


def _list_page(request: Request, body: dict[str, Any]) -> Page:
    target, left = request.context["target"], request.context["left"]
    items = body["items"][:left]
    requests = [
        Request(
            kind="detail",
            url=f"/{target}/item/{item['id']}",
            context={"id": item["id"], "name": item["name"]},
        )
        for item in items
    ]
    left = None if left is None else left - len(items)
    if "next" in body and left != 0:
        requests.append(_page(target, body["next"], left))
    return Page(requests=requests, total=body.get("total"))


def _detail(request: Request, body: dict[str, Any]) -> Page:
    item, name = request.context["id"], request.context["name"]
    colors: list[Record] = [(item, n, color) for n, color in enumerate(body["colors"])]
    return Page(records={"items": [(item, name, "ok")], "details": colors}, items=1)


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    if request.kind == "page":
        if isinstance(error, FetchError) and error.status == 404:
            raise NotFoundError(
                what="target", name=request.context["target"], known=["things"]
            ) from error
        raise error
    item, name = request.context["id"], request.context["name"]
    status = getattr(error, "status", None)
    reason = f"details: HTTP {status}" if status else "details: unreadable"
    return Page(
        records={"items": [(item, name, "unreachable")]},
        failures=[Failure(item, reason)],
        items=1,
    )


def _check_target(target: str) -> str:
    if target == "refused":
        message = "'refused' is never a target."
        raise UsageError(message)
    return check_slug(target, "target")


SAMPLE = Source(
    name="sample",
    domain="test",
    title="Things in memory",
    example_target="things",
    tables=(ITEMS, DETAILS),
    policy=SourcePolicy("https://sample.invalid"),
    check_target=_check_target,
    start=_start,
    parse=_parse,
    failed=_failed,
    parameters=(Parameter("flavour", "changes nothing", "plain"),),
    expectations=(Expectation("items", accepted=(("status", frozenset({"ok", "unreachable"})),)),),
)


def answer(value: object) -> Response:
    """A JSON answer with status 200."""
    headers = Headers([("content-type", "application/json")])
    return Response(200, headers, json.dumps(value).encode(), FETCHED_AT)


def sample_answers(
    count: int, *, page_size: int = 4, details: int = 2, target: str = "things"
) -> dict[str, Response]:
    """Every answer of a target with `count` items of `details` details each, by URL."""
    ids = [f"{number:05}" for number in range(count)]
    pages = [ids[at : at + page_size] for at in range(0, count, page_size)] or [[]]
    answers: dict[str, Response] = {}
    for number, page in enumerate(pages):
        items = [{"id": each, "name": f"Thing {each}"} for each in page]
        body: dict[str, Any] = {"items": items, "total": count}
        if number + 1 < len(pages):
            body["next"] = number + 1
        answers[f"/{target}/{number}"] = answer(body)
    for each in ids:
        colors = [f"color {n}" for n in range(details)]
        answers[f"/{target}/item/{each}"] = answer({"colors": colors})
    return answers
