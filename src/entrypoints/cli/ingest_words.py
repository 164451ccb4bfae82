"""The command that asks for an ingest."""

from collections.abc import Iterator

from application.ingest_request import IngestRequest


def ingest_words(request: IngestRequest) -> Iterator[str]:
    """`ingest DOMAIN TARGET` with all that says what is wanted; how fast it goes is left out."""
    yield from ("ingest", request.domain, request.target)
    if request.source:
        yield from ("--source", request.source)
    for name, moment in (("--since", request.window.since), ("--until", request.window.until)):
        if moment:
            yield from (name, moment.isoformat())
    for name, value in request.options.items():
        yield from ("-p", f"{name}={value}")
    if request.limit is not None:
        yield from ("--limit", str(request.limit))
    if request.refresh:
        yield "--full-refresh"
    if request.offline:
        yield "--offline"
