"""OpenSea API v2: what of a collection is on sale, cheapest first (ListingsResponse)."""

from collections.abc import Sequence
from typing import Any

from adapters.sources.json_documents import text
from adapters.sources.nft import near_collections
from adapters.sources.nft.answer_values import answer_object, child, members, moment, price
from adapters.sources.nft.cursor_walk import CursorWalk
from adapters.sources.nft.market_tables import LISTINGS
from adapters.sources.nft.nft_records import oddities
from adapters.sources.nft.opensea_policy import EXAMPLE, POLICY, check_collection
from domain.errors import FetchError, ParseError, UsageError
from domain.expectations import Expectation
from domain.options import LIMIT
from domain.requests import Request, Response
from domain.sources import Options, Page, Source, Window
from domain.tables import Record

_EXPIRED = frozenset({400, 410})


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    if window.since or window.until:
        message = "Listings are those of now: --since and --until do not apply to them."
        raise UsageError(message)
    left = int(options[LIMIT]) if LIMIT in options else None
    if left == 0:
        return ()
    return [CursorWalk(target, f"/api/v2/listings/collection/{target}/best", left=left).request()]


def _parse(request: Request, response: Response) -> Page:
    if request.kind == near_collections.KIND:
        return near_collections.read(request, response)
    walk = CursorWalk.of(request)
    answer, document = answer_object(response, walk.slug)
    found = members(answer, "listings", walk.slug)[: walk.left]
    records = [_record(walk.slug, each if type(each) is dict else {}) for each in found]
    following = walk.following(answer, len(found))
    return Page(
        records={"listings": records},
        requests=[following] if following else [],
        items=len(records),
        notes=oddities(document),
    )


def _record(slug: str, listing: dict[str, Any]) -> Record:
    parameters = child(child(listing, "protocol_data"), "parameters")
    offer = parameters.get("offer")
    offered = offer[0] if type(offer) is list and offer and type(offer[0]) is dict else {}
    asset = child(listing, "asset")
    current = child(child(listing, "price"), "current")
    return (
        slug,
        text(listing.get("order_hash")),
        text(listing.get("chain")),
        text(asset.get("contract")) or text(offered.get("token")),
        text(asset.get("identifier")) or text(offered.get("identifierOrCriteria")),
        *price(current.get("value"), current.get("decimals")),
        text(current.get("currency")),
        text(parameters.get("offerer")),
        text(listing.get("remaining_quantity")),
        text(listing.get("status")),
        text(listing.get("type")),
        moment(parameters.get("startTime")),
        moment(parameters.get("endTime")),
    )


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    if request.kind == near_collections.KIND:
        return near_collections.given_up(request, error)
    walk = CursorWalk.of(request)
    if getattr(error, "status", None) in _EXPIRED and (again := walk.begun_again()):
        return Page(requests=[again])
    if page := near_collections.search_for(walk.slug, error):
        return page
    raise error


SOURCE = Source(
    name="opensea_listings",
    domain="nft",
    title="OpenSea: listings on sale",
    example_target=EXAMPLE,
    tables=(LISTINGS,),
    policy=POLICY,
    check_target=check_collection,
    start=_start,
    parse=_parse,
    failed=_failed,
    expectations=(Expectation("listings", not_null=("price",)),),
    takes=frozenset(),
)
