"""The sandbox's upstreams answer in the forms, limits and errors of the real ones."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from entrypoints.sandbox.answers import Answer
from entrypoints.sandbox.upstreams import Upstreams

NOW = datetime(2026, 3, 10, 12, 34, 56, tzinfo=UTC).timestamp()
TOKEN = {b"authorization": b"Token a-key", b"user-agent": b"pipeline (+me@example.com)"}


def ask(path: str, upstreams: Upstreams | None = None, **headers: str) -> Answer:
    where, _, query = path.partition("?")
    fields = TOKEN | {name.replace("_", "-").encode(): v.encode() for name, v in headers.items()}
    served = upstreams or Upstreams(lambda: NOW)
    answer = served.answer("GET", where, query.encode(), fields, "http://sandbox.test")
    assert answer is not None, path
    return answer


def value(path: str) -> Any:
    answer = ask(path)
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def fields(answer: Answer) -> dict[str, str]:
    return {name.decode(): each.decode() for name, each in answer.headers}


@pytest.mark.parametrize(
    "path",
    [
        "/api/v3/klines?symbol=BTCUSDT&interval=1w",
        "/products/BTC-USD/candles?granularity=86400&start=1772000000&end=1773000000",
        "/v1/forecast?latitude=52.5&longitude=13.4&hourly=rain&daily=sunset",
        "/v1/search?name=Paris",
        "/tiingo/daily/AAPL/prices?startDate=2026-01-01",
        "/api/xbrl/companyfacts/CIK0000320193.json",
        "/submissions/CIK0000320193-submissions-001.json",
        "/v8/finance/chart/AAPL?period1=1770000000&period2=9999999999",
        "/v1/2026-01-01..2026-01-31?symbols=USD",
        "/v2/rates?base=EUR&quotes=USD&from=2026-01-01",
        "/v2/country/all/indicator/SP.POP.TOTL?format=json&per_page=5",
        "/fdsnws/event/1/query?format=geojson&starttime=2026-03-01&limit=5",
        "/repos/pallets/flask/issues?state=all",
    ],
)
def test_the_same_question_has_the_same_answer(path: str) -> None:
    """In another sandbox too; and there is something in it."""
    assert value(path)
    assert ask(path).body == ask(path).body


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/api/v3/klines?symbol=X&interval=1h", 400, "-1121"),
        ("/api/v3/klines?symbol=BTCUSDT&interval=7h", 400, "-1120"),
        ("/products/X-Y/candles?granularity=60&start=1&end=2", 404, "NotFound"),
        ("/products/BTC-USD/candles?granularity=60&start=1&end=999999", 400, "exceeds 300"),
        ("/v1/archive?latitude=1&longitude=1&start_date=1900-01-01&end_date=1900-01-02", 400, "of"),
        ("/v1/search?name=Paris&count=0", 400, "between 1 and 100"),
        ("/tiingo/daily/X/prices", 404, "not found"),
        ("/submissions/CIK0000000001.json", 404, "NoSuchKey"),
        ("/v1/1900-01-01", 404, "not found"),
        ("/v2/rates?base=XXX", 422, "invalid currency"),
        ("/v2/country/all/indicator/X?format=json", 200, "Invalid value"),
        ("/fdsnws/event/1/query?format=geojson&limit=20001", 400, "Bad Request"),
        ("/repos/x/y/issues", 404, "Not Found"),
    ],
)  # fmt: skip
def test_errors_have_the_form_of_the_upstream(path: str, status: int, words: str) -> None:
    """Also those that come with 200."""
    answer = ask(path)
    assert answer.status == status
    assert words in answer.body.decode()


def test_binance_counts_weights_and_bans_in_the_end() -> None:
    """429 with a wait, then 418 with a longer one."""
    upstreams = Upstreams(lambda: NOW)
    path = "/api/v3/klines?symbol=X&interval=1h"
    statuses = [ask(path, upstreams).status for _ in range(3200)]
    last = fields(ask(path, upstreams))

    assert statuses[2999] == 400
    assert statuses[3000] == 429
    assert statuses[-1] == 418
    assert int(last["x-mbx-used-weight-1m"]) == 6402
    assert int(last["retry-after"]) > 60


def test_open_meteo_says_its_limits_in_words() -> None:
    """No Retry-After; what was counted is the weight."""
    upstreams = Upstreams(lambda: NOW)
    path = "/v1/forecast?hourly=rain&latitude=" + ",".join(["1"] * 300)
    path += "&longitude=" + ",".join(["1"] * 300)
    statuses = [ask(path, upstreams).status for _ in range(3)]
    answer = ask(path, upstreams)

    assert statuses == [200, 200, 429]
    assert "in one minute" in json.loads(answer.body)["reason"]
    assert "retry-after" not in fields(answer)


def test_entity_tags_are_confirmed() -> None:
    """Frankfurter and GitHub; a 304 costs no quota for who says who asks."""
    for path in ("/v1/latest", "/repos/pallets/flask/issues"):
        upstreams = Upstreams(lambda: NOW)
        tag = fields(ask(path, upstreams))["etag"]
        again = [ask(path, upstreams, if_none_match=tag) for _ in range(2)]
        assert [each.status for each in again] == [304, 304]
        quotas = [fields(each).get("x-ratelimit-used") for each in again]
        assert quotas[0] == quotas[1]


def test_github_pages_by_link() -> None:
    """All issues once, by addresses of the sandbox."""
    path, numbers = "/repos/pallets/flask/issues?state=all&per_page=50", []
    while path:
        answer = ask(path)
        numbers += [issue["number"] for issue in json.loads(answer.body)]
        links = fields(answer)["link"].split(", ")
        following = [link for link in links if 'rel="next"' in link]
        path = following[0].split(">")[0].removeprefix("<http://sandbox.test") if following else ""
    assert sorted(numbers) == list(range(1, 131))


def test_quakes_are_revised_and_deleted() -> None:
    """`updated` tells; a deleted one is not there any more."""
    path = "/fdsnws/event/1/query?format=geojson&starttime=2026-03-01&endtime=2026-03-02"
    events = []
    for day in (2, 11):
        served = Upstreams(datetime(2026, 3, day, tzinfo=UTC).timestamp)
        events.append({e["id"]: e for e in json.loads(ask(path, served).body)["features"]})
    early, late = events
    assert set(late) < set(early)
    assert {e["properties"]["status"] for e in late.values()} == {"reviewed"}
    assert {e["properties"]["status"] for e in early.values()} == {"automatic"}


def test_quakes_are_paged_by_offset() -> None:
    """From 1 on."""
    base = "/fdsnws/event/1/query?format=geojson&starttime=2026-03-01&limit=100&offset="
    ids = [e["id"] for n in (1, 101, 201) for e in value(f"{base}{n}")["features"]]
    whole = value("/fdsnws/event/1/query?format=geojson&starttime=2026-03-01")["features"]
    assert ids == [e["id"] for e in whole][:300]


def test_the_world_bank_pages_by_number() -> None:
    """A head with the number of pages, and null after the last one."""
    base = "/v2/country/all/indicator/SP.POP.TOTL?format=json&per_page=300&page="
    pages = [value(f"{base}{n}") for n in (1, 2, 3, 4)]
    rows = [row for page in pages[:3] for row in page[1]]
    assert pages[0][0]["pages"] == 3
    assert len(rows) == pages[0][0]["total"] == 12 * 66
    assert pages[3][1] is None
    assert any(row["value"] is None for row in rows)


def test_rates_have_no_weekends() -> None:
    """And the latest one is of the last working day."""
    days = value("/v1/2026-01-01..2026-01-12?symbols=USD")["rates"]
    assert [day[-2:] for day in days] == ["02", "05", "06", "07", "08", "09", "12"]
    assert value("/v1/2026-01-11?symbols=USD")["date"] == "2026-01-09"


def test_who_does_not_say_who_asks_is_refused() -> None:
    """The SEC wants an address, Tiingo a token."""
    assert ask("/files/company_tickers.json", user_agent="python").status == 403
    assert ask("/tiingo/daily/AAPL/prices", authorization="").status == 401


def test_other_methods_and_paths_are_nobodys() -> None:
    """They go on to the upstreams that stand behind."""
    upstreams = Upstreams(lambda: NOW)
    assert upstreams.answer("POST", "/v1/latest", b"", {}, "") is None
    assert upstreams.answer("GET", "/api/v2/collections/x", b"", {}, "") is None
