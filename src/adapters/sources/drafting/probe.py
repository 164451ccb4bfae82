"""A source that asks one address, so that an example can be had with the usual client."""

from adapters.sources.drafting.asking import read_address
from domain.drafts import Wishes
from domain.errors import FetchError, ParseError
from domain.requests import METADATA_BYTES, CacheMode, CachePolicy, Request, Response
from domain.sources import Options, Page, Source, SourcePolicy, Window


def probe(wishes: Wishes) -> Source:
    """The source; its `start` gives the request, without parameters that look like keys.

    Raises:
        UsageError: the address cannot be declared.
    """
    asking = read_address(wishes.url, "")
    request = Request(
        kind="example",
        url=asking.path,
        params=tuple(asking.asked.items()),
        cache=CachePolicy(CacheMode.OFF),
        max_bytes=METADATA_BYTES,
    )

    def start(_target: str, _window: Window, _options: Options) -> tuple[Request]:
        return (request,)

    def parse(_request: Request, _response: Response) -> Page:
        return Page()

    def failed(_request: Request, error: FetchError | ParseError) -> Page:
        raise error

    return Source(
        name=wishes.name,
        domain=wishes.domain,
        title=asking.base_url,
        example_target=asking.target,
        tables=(),
        policy=SourcePolicy(base_url=asking.base_url, concurrency=1),
        check_target=str,
        start=start,
        parse=parse,
        failed=failed,
    )
