"""The command that goes on with a run."""

from datetime import UTC, datetime

import pytest

from application.ingest_request import IngestRequest
from domain.sources import Window
from entrypoints.cli.ingest_words import ingest_words

SINCE = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (IngestRequest(domain="nft", target="dx"), "ingest nft dx"),
        (
            IngestRequest(domain="nft", target="dx", concurrency=9, max_errors=1, resume=False),
            "ingest nft dx",
        ),
        (
            IngestRequest(
                domain="fx",
                target="EUR",
                source="ecb",
                window=Window(since=SINCE),
                options={"a": "b c"},
                limit=0,
                refresh=True,
            ),
            (
                "ingest fx EUR --source ecb --since 2026-01-02T00:00:00+00:00 -p a=b c --limit 0 "
                "--full-refresh"
            ),
        ),
        (IngestRequest(domain="nft", target="dx", offline=True), "ingest nft dx --offline"),
    ],
)
def test_it_says_all_that_makes_it_the_same_question(request_: IngestRequest, words: str) -> None:
    """How fast and how patient may differ."""
    assert " ".join(ingest_words(request_)) == words
