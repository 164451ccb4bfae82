"""OpenSea API v2: sales, transfers, mints and orders of a collection (AssetEventsResponse).

Events come newest first, by time (`after`, `before`) and by cursor. They may be indexed late and
undone by a chain, so that the last hour counts as provisional and is asked for again.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.sources.candles.windows import check_begun, check_order
from adapters.sources.json_documents import encode, text
from adapters.sources.nft import near_collections
from adapters.sources.nft.answer_values import (
    answer_object,
    child,
    epoch,
    members,
    moment,
    price,
)
from adapters.sources.nft.cursor_walk import CursorWalk
from adapters.sources.nft.market_tables import EVENTS
from adapters.sources.nft.nft_records import oddities
from adapters.sources.nft.opensea_policy import EXAMPLE, POLICY, check_collection
from domain.errors import FetchError, ParseError, UsageError
from domain.expectations import Expectation
from domain.options import LIMIT
from domain.requests import Request, Response
from domain.retrying import server_time
from domain.sources import Options, Page, Parameter, Source, Window
from domain.tables import Record

PROVISIONAL = timedelta(hours=1)

_TYPES = ("sale", "transfer", "mint", "listing", "offer", "trait_offer", "collection_offer")
_DEFAULT = "sale,transfer,mint,listing"
_EXPIRED = frozenset({400, 410})
_ID_BYTES = 16


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    check_order(window)
    types = _types(options.get("types", _DEFAULT))
    left = int(options[LIMIT]) if LIMIT in options else None
    if left == 0:
        return ()
    since, until = window.since or window.complete_until, window.until
    params = [["event_type", each] for each in types]
    if since:  # whether "after" leaves its own second out is not documented
        params.append(["after", str(max(0, epoch(since) - 1))])
    if until:
        params.append(["before", str(epoch(until) + 1)])
    walk = CursorWalk(target, f"/api/v2/events/collection/{target}", params, left)
    return [_within(walk.request(), _written(since), _written(until))]


def _types(given: str) -> list[str]:
    types = [each.strip() for each in given.split(",") if each.strip()]
    unknown = [each for each in types if each not in _TYPES]
    if unknown or not types:
        message = f"types={given[:60]!r}: name one or more of {', '.join(_TYPES)}."
        raise UsageError(message)
    return list(dict.fromkeys(types))


def _within(request: Request, since: str | None, until: str | None) -> Request:
    """The request of a walk, with the exact span that is wanted."""
    return replace(request, context={**request.context, "since": since, "until": until})


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _read(at: str | None) -> datetime | None:
    return datetime.fromisoformat(at) if at else None


def _parse(request: Request, response: Response) -> Page:
    if request.kind == near_collections.KIND:
        return near_collections.read(request, response)
    walk, context = CursorWalk.of(request), request.context
    since, until = _read(context["since"]), _read(context["until"])
    now = datetime.fromtimestamp(
        server_time(response.headers, response.fetched_at.timestamp()), UTC
    )
    if since:
        check_begun(since, now)
    answer, document = answer_object(response, walk.slug)
    found = members(answer, "asset_events", walk.slug)[: walk.left]
    records = [
        record for each in found if _lies_in((record := _record(walk.slug, each))[1], since, until)
    ]
    following = walk.following(answer, len(found))
    settled = now - PROVISIONAL
    return Page(
        records={"events": records},
        requests=[_within(following, context["since"], context["until"])] if following else [],
        items=len(records),
        notes=oddities(document),
        complete_until=None if walk.left is not None else min(until or settled, settled),
    )


def _lies_in(at: object, since: datetime | None, until: datetime | None) -> bool:
    """Whether an event belongs to the span; one without a time goes to the quarantine."""
    if not isinstance(at, datetime):
        return True
    return (since is None or at >= since) and (until is None or at < until)


def _record(slug: str, event: Any) -> Record:
    event = event if type(event) is dict else {}
    nft = child(event, "nft") or child(event, "asset")
    payment = child(event, "payment")
    at = moment(event.get("event_timestamp"))
    told = (
        text(event.get("event_type")),
        text(event.get("order_type")),
        text(event.get("chain")),
        text(nft.get("contract")),
        text(nft.get("identifier")),
        text(event.get("quantity")),
        _first(event, "seller", "from_address", "maker"),
        _first(event, "buyer", "to_address", "taker"),
        text(event.get("transaction")),
        text(event.get("order_hash")),
    )
    return (
        slug,
        at,
        _event_id(at, told),
        *told,
        *price(payment.get("quantity"), payment.get("decimals")),
        text(payment.get("symbol")),
        text(payment.get("token_address")),
        moment(event.get("expiration_date")),
    )


def _first(event: dict[str, Any], *names: str) -> str | None:
    return next((found for name in names if (found := text(event.get(name)))), None)


def _event_id(at: datetime | None, told: Sequence[str | None]) -> str:
    words = encode([epoch(at) if at else None, *told])
    return hashlib.blake2b(words.encode(errors="replace"), digest_size=_ID_BYTES).hexdigest()


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    if request.kind == near_collections.KIND:
        return near_collections.given_up(request, error)
    walk, context = CursorWalk.of(request), request.context
    if getattr(error, "status", None) in _EXPIRED and (again := walk.begun_again()):
        return Page(requests=[_within(again, context["since"], context["until"])])
    if page := near_collections.search_for(walk.slug, error):
        return page
    raise error


SOURCE = Source(
    name="opensea_events",
    domain="nft",
    title="OpenSea: sales, transfers, mints and orders",
    example_target=EXAMPLE,
    tables=(EVENTS,),
    policy=POLICY,
    check_target=check_collection,
    start=_start,
    parse=_parse,
    failed=_failed,
    expectations=(Expectation("events", not_null=("event_type",)),),
    parameters=(
        Parameter(
            "types",
            "comma list of what to ask for: sale, transfer, mint, listing, offer, trait_offer, "
            "collection_offer",
            _DEFAULT,
        ),
    ),
)
