"""Collections that look like one that OpenSea does not know (`GET /api/v2/search`)."""

from typing import Any

from adapters.sources.json_documents import decode_answer, text
from domain.errors import FetchError, NotFoundError, ParseError
from domain.requests import Request, Response
from domain.sources import Page

KIND = "search"
_UNKNOWN = frozenset({400, 404})
_MOST = 20
_HINT = (
    "A slug is the last part of the collection's address, as in opensea.io/collection/dxterminal."
)


def search_for(slug: str, error: FetchError | ParseError) -> Page | None:
    """The request for collections of such a name, where an error says that there is none of it."""
    if getattr(error, "status", None) not in _UNKNOWN:
        return None
    words = slug.replace("-", " ").replace("_", " ").strip() or slug
    params = (("query", words), ("asset_types", "collection"), ("limit", str(_MOST)))
    context = {"slug": slug}
    return Page(requests=[Request(kind=KIND, url="/api/v2/search", params=params, context=context)])


def read(request: Request, response: Response) -> Page:
    """Raises NotFoundError, with the slugs of an answer that look alike."""
    raise NotFoundError(
        what="collection", name=request.context["slug"], known=_slugs(response), hint=_HINT
    )


def given_up(request: Request, error: FetchError | ParseError) -> Page:
    """Raises NotFoundError: that the search fails does not hide what is wrong."""
    raise NotFoundError(what="collection", name=request.context["slug"], hint=_HINT) from error


def _slugs(response: Response) -> set[str]:
    try:
        answer = decode_answer(response)
    except ParseError:
        return set()
    results = answer.get("results") if type(answer) is dict else None
    found = (_slug(each) for each in (results if type(results) is list else ())[:_MOST])
    return {slug for slug in found if slug}


def _slug(result: Any) -> str | None:
    collection = result.get("collection") if type(result) is dict else None
    return text(collection.get("collection")) if type(collection) is dict else None
