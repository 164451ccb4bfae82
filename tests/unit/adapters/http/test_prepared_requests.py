import httpx
import pytest

from adapters.http.prepared_requests import Fields, PreparedRequests
from domain.requests import Request

URL = httpx.URL("https://a.test:81/x?y=1")
CLIENT = httpx.AsyncClient(headers={"User-Agent": "pipeline/1"}, timeout=7.0)


@pytest.mark.parametrize(
    ("asked", "further"),
    [
        (Request(kind="x", url=""), ()),
        (Request(kind="x", url="", method="HEAD", accept="text/csv"), ()),
        (Request(kind="x", url="", headers=(("range", "bytes=0-1"),)), (("X-Key", "k"),)),
        (Request(kind="x", url="", headers=(("accept", "a/b"),)), (("User-Agent", "other"),)),
        (Request(kind="x", url=""), (("If-None-Match", '"1"'), ("If-None-Match", '"2"'))),
        (Request(kind="x", url="", method="POST", content=b"{}"), (("X-Key", "k"),)),
        (Request(kind="x", url="", method="POST"), ()),
        (Request(kind="x", url="", method="DELETE"), ()),
    ],
)
def test_a_request_is_what_httpx_would_have_built(asked: Request, further: Fields) -> None:
    """The first of an origin, and those that share its fields."""
    requests = PreparedRequests(CLIENT)
    fields = [("Accept", asked.accept), *asked.headers, *further]
    expected = CLIENT.build_request(
        asked.method,
        URL,
        headers=httpx.Headers([field for field in fields if field[0] != "Accept"])
        if "accept" in dict(asked.headers)
        else fields,
        content=asked.content or None,
    )
    for _ in range(2):
        built = requests.build(URL, asked, further)
        assert (built.method, built.url) == (expected.method, URL)
        assert sorted(built.headers.multi_items()) == sorted(expected.headers.multi_items())
        assert built.read() == asked.content
        assert built.extensions["timeout"] == httpx.Timeout(7.0).as_dict()


def test_requests_to_two_origins_share_nothing() -> None:
    """Host and scheme are the origin's own."""
    requests = PreparedRequests(CLIENT)
    asked = Request(kind="x", url="")
    urls = ["https://a.test/", "http://a.test/", "http://b.test/", "http://a.test:81/"]
    built = [requests.build(httpx.URL(url), asked, ()) for url in urls]
    assert [each.headers["host"] for each in built] == ["a.test", "a.test", "b.test", "a.test:81"]
    assert [each.extensions["route"].origin for each in built] == [
        ("https", "a.test", 443),
        ("http", "a.test", 80),
        ("http", "b.test", 80),
        ("http", "a.test", 81),
    ]


def test_fields_of_one_request_do_not_reach_the_next() -> None:
    """A condition belongs to one document."""
    requests = PreparedRequests(CLIENT)
    asked = Request(kind="x", url="")
    assert "x-key" in requests.build(URL, asked, (("X-Key", "k"),)).headers
    assert "x-key" not in requests.build(URL, asked, ()).headers
