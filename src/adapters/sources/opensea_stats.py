"""OpenSea API v2: what a collection's trade comes to, one answer a run.

Each run adds what OpenSea says at that moment (CollectionStatsResponse, with the further members
of recorded answers), so that a schedule makes a series of it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adapters.sources.json_documents import text
from adapters.sources.nft import near_collections
from adapters.sources.nft.answer_values import answer_object, child, integer, members, number
from adapters.sources.nft.list_pages import ASKED_ANEW
from adapters.sources.nft.market_tables import STATS
from adapters.sources.nft.nft_records import oddities
from adapters.sources.nft.opensea_policy import EXAMPLE, POLICY, check_collection
from domain.errors import FetchError, ParseError, UsageError
from domain.expectations import Expectation
from domain.options import LIMIT
from domain.requests import Request, Response
from domain.sources import Options, Page, Source, Window
from domain.tables import Record

_TOTAL = "total"


def _start(target: str, window: Window, options: Options) -> Sequence[Request]:
    if window.since or window.until:
        message = "OpenSea tells stats of now alone: --since and --until do not apply to them."
        raise UsageError(message)
    if options.get(LIMIT) == "0":
        return ()
    url = f"/api/v2/collections/{target}/stats"
    return [Request(kind="stats", url=url, context={"slug": target}, cache=ASKED_ANEW)]


def _parse(request: Request, response: Response) -> Page:
    if request.kind == near_collections.KIND:
        return near_collections.read(request, response)
    slug = request.context["slug"]
    answer, document = answer_object(response, slug)
    intervals = members(answer, "intervals", slug)
    total = child(answer, _TOTAL)
    at = response.fetched_at
    records = [_record(slug, at, _TOTAL, total)]
    known = {_TOTAL}
    for each in intervals:
        name = text(each.get("interval")) if type(each) is dict else None
        if name not in known:
            records.append(_record(slug, at, name, each if type(each) is dict else {}))
            known.add(name or "")
    return Page(records={"stats": records}, items=len(records), notes=oddities(document))


def _record(slug: str, at: datetime, interval: str | None, stat: dict[str, Any]) -> Record:
    return (
        slug,
        at,
        interval,
        number(stat.get("volume")),
        integer(stat.get("sales")),
        number(stat.get("average_price")),
        number(stat.get("volume_change")),
        integer(stat.get("num_owners")),
        number(stat.get("floor_price")),
        text(stat.get("floor_price_symbol")),
        number(stat.get("market_cap")),
    )


def _failed(request: Request, error: FetchError | ParseError) -> Page:
    if request.kind == near_collections.KIND:
        return near_collections.given_up(request, error)
    if page := near_collections.search_for(request.context["slug"], error):
        return page
    raise error


SOURCE = Source(
    name="opensea_stats",
    domain="nft",
    title="OpenSea: volume, sales and floor price of collections",
    example_target=EXAMPLE,
    tables=(STATS,),
    policy=POLICY,
    check_target=check_collection,
    start=_start,
    parse=_parse,
    failed=_failed,
    expectations=(Expectation("stats", not_null=("volume",)),),
    takes=frozenset(),
)
