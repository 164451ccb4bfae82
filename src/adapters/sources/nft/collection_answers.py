"""The answer of `GET /api/v2/collections/{slug}` (CollectionDetailedResponse)."""

from datetime import date
from typing import Any

from adapters.sources.json_documents import ExactNumber, text
from adapters.sources.nft.nft_records import link
from domain.errors import ParseError
from domain.tables import Record

_BIGINT = 1 << 63
_PLAUSIBLE = 100_000_000
"""More items than this is a supply of copies, or a mistake."""

type Contract = tuple[str | None, str | None]


def collection_record(answer: Any, slug: str) -> Record:
    """The row of `collections`.

    Raises:
        ParseError: the answer is not a collection.
    """
    if type(answer) is not dict or type(answer.get("collection")) is not str:
        message = f"The answer for {slug} is not a collection{upstream_words(answer)}."
        raise ParseError(message)
    return (
        text(answer["collection"]) or slug,
        text(answer.get("name")),
        text(answer.get("description")),
        text(answer.get("owner")),
        text(answer.get("category")),
        whole_number(answer.get("total_supply")),
        whole_number(answer.get("unique_item_count")),
        _day(answer.get("created_date")),
        text(answer.get("safelist_status")),
        contracts(answer),
        link(answer.get("image_url")),
        link(answer.get("project_url")),
        link(answer.get("opensea_url")),
    )


def contracts(answer: dict[str, Any]) -> list[Contract]:
    """Address and chain of each contract; none of the odd ones."""
    found = answer.get("contracts")
    members = found if type(found) is list else []
    pairs = [(text(m.get("address")), text(m.get("chain"))) for m in members if type(m) is dict]
    return [pair for pair in dict.fromkeys(pairs) if pair[0]]


def item_total(answer: dict[str, Any]) -> int | None:
    """How many NFTs the list should hold: `unique_item_count`, else `total_supply`."""
    for name in ("unique_item_count", "total_supply"):
        count = whole_number(answer.get(name))
        if count is not None and 0 < count <= _PLAUSIBLE:
            return count
    return None


def upstream_words(answer: Any) -> str:
    """What an error answer says, to be added to a message; "" if it says nothing."""
    if type(answer) is not dict:
        return ""
    errors = answer.get("errors")
    said = errors[0] if type(errors) is list and errors else errors
    said = said or answer.get("detail") or answer.get("message") or answer.get("error")
    return f" ({said[:200]!a})" if type(said) is str else ""


def whole_number(value: Any) -> int | None:
    """A BIGINT column's value."""
    if type(value) is ExactNumber and value.is_integer():
        value = int(value)
    return value if type(value) is int and -_BIGINT <= value < _BIGINT else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if type(value) is str else None
    except ValueError:
        return None
