"""RFC 9111, rule by rule; each test is named after the section that it is about."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.headers import Headers
from domain.http_caching.cache_control import cache_control
from domain.http_caching.end_to_end import end_to_end
from domain.http_caching.freshness import (
    MAX_LIFETIME,
    current_age,
    freshness_lifetime,
    is_fresh,
    staleness,
)
from domain.http_caching.http_dates import parse_http_date
from domain.http_caching.reuse import Fresh, Miss, Revalidate, decide, may_serve_on_error
from domain.http_caching.stored_response import StoredResponse
from domain.http_caching.storing import FOREVER, REVALIDATION_WINDOW, entry_to_store
from domain.http_caching.validation import conditions, freshened, is_confirmed
from domain.http_caching.vary import varies_on_everything, vary_key
from domain.requests import CacheMode, CachePolicy

T0 = 1_767_323_045.0
DATE = "Fri, 02 Jan 2026 03:04:05 GMT"
DAY_BEFORE = "Thu, 01 Jan 2026 03:04:05 GMT"
HOUR_LATER = "Fri, 02 Jan 2026 04:04:05 GMT"
RFC = CachePolicy()
IMMUTABLE = CachePolicy(CacheMode.IMMUTABLE)
KEEP = CachePolicy(CacheMode.KEEP, 600)
OFF = CachePolicy(CacheMode.OFF)
ANY = Headers((("accept", "application/json"),))


def answer(*fields: tuple[str, str], status: int = 200, date: str | None = DATE) -> StoredResponse:
    """An answer received at T0, without delay."""
    headers = Headers((*fields, *([("date", date)] if date else [])))
    return StoredResponse(
        source="opensea",
        url="https://api.example/",
        status=status,
        headers=headers,
        body=b"{}",
        vary_key=vary_key(headers, ANY),
        requested_at=T0,
        received_at=T0,
        body_received_at=T0,
        expires_at=T0 + 1e9,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DATE, T0),
        ("FRI, 02 jAN 2026 03:04:05 gmt", T0),
        ("Friday, 02-Jan-26 03:04:05 GMT", T0),
        ("Fri Jan  2 03:04:05 2026", T0),
        (f" {DATE} ", T0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 784111777.0),
        ("Tue, 30 Jun 2015 23:59:60 GMT", 1435708799.0),
        ("Fri, 02 Jan 2026 03:04:05 UTC", None),
        ("Fri, 02 Jan 2026 03:04:05 +0000", None),
        ("Fri, 02 Jan 26 03:04:05 GMT", None),
        ("Fri 02 Jan 2026 03:04:05 GMT", None),
        ("Fri, 02  Jan  2026 03:04:05 GMT", None),
        ("Fri, 02-Jan-2026 03:04:05 GMT", None),
        ("Fri, 02 Jan 2026 03.04.05 GMT", None),
        ("Fri, 02 Jan 2026 3:04:05 GMT", None),
        (f"{DATE}, {DATE}", None),
        ("Fri, 30 Feb 2026 03:04:05 GMT", None),
        ("Fri, 02 Jan 2026 24:04:05 GMT", None),
        ("Fri, 02 Foo 2026 03:04:05 GMT", None),
        ("Fri, 02 Jan 0000 03:04:05 GMT", None),
        ("٠٢", None),
        ("2026-01-02T03:04:05Z", None),
        ("0", None),
        ("", None),
    ],
)
def test_rfc9110_5_6_7_dates(text: str, expected: float | None) -> None:
    """Three forms in any letter case are dates; what is merely close to one is not."""
    assert parse_http_date(text) == expected


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("max-age=60", 60),
        ("MAX-AGE=60", 60),
        ("public , max-age=60,", 60),
        ('max-age="60"', 60),
        ("max-age=0060", 60),
        ("max-age=60, max-age=5", 60),
        ('extension="max-age=5", max-age=60', 60),
        ('extension="a\\", max-age=5", max-age=60', 60),
        ("max-age=99999999999999999999999", 2**31),
        ("max-age=2147483649", 2**31),
        ("max-age='60'", 0),
        ("max-age=-1", 0),
        ("max-age=60.5", 0),
        ("max-age=60a", 0),
        ("max-age=٦٠", 0),
        ("max-age= 60", 0),
        ("max-age =60", 0),
        ("max-age", 0),
        ("max-age=", 0),
        ("x-max-age=60", None),
        ('extension="max-age=60', None),
        (",,, =;=, \x00", None),
        ("", None),
    ],
)
def test_5_2_directives(field: str, expected: int | None) -> None:
    """The first value of a directive counts; one that is no number of seconds counts as 0."""
    assert cache_control(Headers((("cache-control", field),))).seconds("max-age") == expected


def test_5_2_directives_over_several_lines() -> None:
    """Lines of one field are one list."""
    directives = cache_control(
        Headers((("Cache-Control", "no-cache"), ("cache-control", "No-Store")))
    )
    assert "no-cache" in directives
    assert "no-store" in directives
    assert "public" not in directives


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("cache-control", "max-age=3600")], 3600),
        ([("cache-control", "max-age=60"), ("expires", HOUR_LATER)], 60),
        ([("cache-control", "max-age=x"), ("expires", HOUR_LATER)], 0),
        ([("cache-control", "s-maxage=60")], 0),
        ([("expires", HOUR_LATER)], 3600),
        ([("expires", DAY_BEFORE)], 0),
        ([("expires", "0")], 0),
        ([("expires", HOUR_LATER), ("expires", HOUR_LATER)], 0),
        ([("last-modified", DAY_BEFORE)], 8640),
        ([("last-modified", HOUR_LATER)], 0),
        ([("last-modified", "yesterday")], 0),
        ([("last-modified", "Fri, 02 Jan 2015 03:04:05 GMT")], MAX_LIFETIME),
        ([("cache-control", "max-age=1000000000")], MAX_LIFETIME),
        ([("cache-control", "no-cache, max-age=60")], 0),
        ([("cache-control", 'no-cache="set-cookie", max-age=60')], 0),
        ([], 0),
    ],
)
def test_4_2_1_freshness_lifetime(fields: list[tuple[str, str]], expected: float) -> None:
    """max-age before Expires before a tenth of the time since the last change; at most 7 days."""
    assert freshness_lifetime(answer(*fields)) == expected


@pytest.mark.parametrize(
    ("status", "fields", "expected"),
    [
        (404, [], 8640),
        (410, [], 8640),
        (301, [], 8640),
        (302, [], 0),
        (599, [], 0),
        (599, [("cache-control", "public")], 8640),
    ],
)
def test_4_2_2_heuristic_freshness(
    status: int, fields: list[tuple[str, str]], expected: float
) -> None:
    """Only statuses that are cacheable by default, or answers marked public."""
    stored = answer(("last-modified", DAY_BEFORE), *fields, status=status)
    assert freshness_lifetime(stored) == expected


@pytest.mark.parametrize(
    ("fields", "date", "expected"),
    [
        ([], DATE, 10),
        ([("age", "100")], DATE, 110),
        ([("age", "7200, 0")], DATE, 7210),
        ([("age", "0"), ("age", "7200")], DATE, 10),
        ([("age", "-7200")], DATE, 10),
        ([("age", "7200.0")], DATE, 10),
        ([("age", "old")], DATE, 10),
        ([("age", "99999999999")], DATE, 2**31 + 10),
        ([], DAY_BEFORE, 86410),
        ([("age", "100")], DAY_BEFORE, 86410),
        ([], HOUR_LATER, 10),
        ([], None, 10),
        ([], "soon", 10),
    ],
)
def test_4_2_3_current_age(
    fields: list[tuple[str, str]], date: str | None, expected: float
) -> None:
    """Ten seconds after receipt; a missing or invalid Date is the time of receipt."""
    assert current_age(answer(*fields, date=date), T0 + 10) == expected


def test_4_2_3_the_delay_of_the_exchange_counts() -> None:
    """What took 5 s to arrive may have been made at the beginning of them."""
    stored = replace(answer(("age", "0")), requested_at=T0 - 5)
    assert current_age(stored, T0) == 5


def test_4_2_without_a_date_an_answer_still_grows_stale() -> None:
    """The gap of other clients: no Date does not mean age 0 for ever."""
    stored = answer(("cache-control", "max-age=1"), date=None)
    assert is_fresh(stored, T0)
    assert not is_fresh(stored, T0 + 2.6)


def test_4_2_a_clock_that_was_set_back_makes_nothing_fresh() -> None:
    """An answer from the future has no age that could be trusted."""
    stored = answer(("cache-control", "max-age=3600, stale-if-error=9999"))
    assert is_fresh(stored, T0 - 30)
    assert not is_fresh(stored, T0 - 3600)
    assert not may_serve_on_error(stored, T0 - 3600)


@pytest.mark.parametrize(
    ("status", "fields", "stored"),
    [
        (200, [("cache-control", "max-age=60")], True),
        (200, [("cache-control", "max-age=60, no-store")], False),
        (200, [("cache-control", "max-age=60, NO-STORE")], False),
        (200, [("cache-control", "max-age=60, private")], True),
        (200, [("cache-control", "max-age=60, must-understand, no-store")], True),
        (599, [("cache-control", "max-age=60, must-understand")], False),
        (599, [("cache-control", "max-age=60")], True),
        (599, [("etag", '"1"')], False),
        (404, [("cache-control", "max-age=60")], True),
        (206, [("cache-control", "max-age=60")], False),
        (304, [("cache-control", "max-age=60")], False),
        (103, [("cache-control", "max-age=60")], False),
        (200, [("expires", HOUR_LATER)], True),
        (200, [("expires", "0")], False),
        (200, [("expires", "0"), ("etag", '"1"')], True),
        (200, [("etag", '"1"')], True),
        (200, [("last-modified", DATE)], True),
        (200, [("cache-control", "no-cache")], False),
        (200, [("cache-control", "no-cache"), ("etag", '"1"')], True),
        (200, [("cache-control", "max-age=0, stale-if-error=60")], True),
        (200, [("cache-control", "max-age=60"), ("age", "3600")], False),
        (200, [("cache-control", "max-age=60"), ("vary", "*")], False),
        (200, [("cache-control", "max-age=60"), ("vary", "accept, *")], False),
        (200, [("cache-control", "max-age=60"), ("vary", "accept")], True),
        (200, [], False),
    ],
)
def test_3_storing(status: int, fields: list[tuple[str, str]], *, stored: bool) -> None:
    """What may be stored and will be of any use is stored, nothing else."""
    entry = entry_to_store(answer(*fields, status=status), RFC)
    assert (entry is not None) is stored
    assert entry_to_store(answer(*fields, status=status), OFF) is None


@pytest.mark.parametrize(
    ("fields", "policy", "expected"),
    [
        ([("cache-control", "max-age=60")], RFC, 60),
        ([("cache-control", "max-age=60"), ("age", "20")], RFC, 40),
        ([("cache-control", "max-age=60, stale-if-error=40")], RFC, 100),
        ([("cache-control", "max-age=9999999, stale-if-error=9999999")], RFC, 2 * MAX_LIFETIME),
        ([("cache-control", "max-age=60"), ("etag", '"1"')], RFC, 60 + REVALIDATION_WINDOW),
        ([("cache-control", "no-store")], KEEP, 600),
        ([("cache-control", "no-store"), ("etag", '"1"')], KEEP, 600 + REVALIDATION_WINDOW),
        ([("cache-control", "no-store"), ("vary", "*")], IMMUTABLE, FOREVER),
    ],
)
def test_3_how_long_an_entry_is_kept(
    fields: list[tuple[str, str]], policy: CachePolicy, expected: float
) -> None:
    """As long as it can be fresh, stand in for an error, or be confirmed."""
    entry = entry_to_store(answer(*fields), policy)
    assert entry is not None
    assert entry.expires_at == T0 + expected


@pytest.mark.parametrize("policy", [KEEP, IMMUTABLE])
def test_overrides_keep_no_failures(policy: CachePolicy) -> None:
    """A failure is no content, however cacheable its headers say it is."""
    fields = ("cache-control", "max-age=600")
    assert entry_to_store(answer(fields, status=404), policy) is None
    assert entry_to_store(answer(fields, status=206), policy) is None
    assert entry_to_store(answer(fields, status=200), policy) is not None


def test_3_1_fields_of_the_connection_are_dropped() -> None:
    """Hop-by-hop fields, and those that Connection lists, do not outlive the connection."""
    headers = Headers(
        [
            ("Connection", "Keep-Alive, X-Once"),
            ("connection", "x-twice"),
            ("keep-alive", "timeout=5"),
            ("x-once", "1"),
            ("x-twice", "2"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "h2c"),
            ("x-kept", "3"),
            ("set-cookie", "a=b"),
        ]
    )
    assert [name for name, _ in end_to_end(headers)] == ["x-kept", "set-cookie"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([("etag", '"1"')], [("if-none-match", '"1"')]),
        ([("etag", 'W/"1"')], [("if-none-match", 'W/"1"')]),
        ([("etag", "unquoted")], [("if-none-match", "unquoted")]),
        ([("last-modified", DAY_BEFORE)], [("if-modified-since", DAY_BEFORE)]),
        (
            [("etag", '"1"'), ("last-modified", DAY_BEFORE)],
            [("if-none-match", '"1"'), ("if-modified-since", DAY_BEFORE)],
        ),
        ([("etag", '"1"'), ("etag", '"2"')], []),
        ([("etag", '"1"\r\nx-injected: 1')], []),
        ([("etag", "")], []),
        ([("last-modified", "yesterday")], []),
        ([], []),
    ],
)
def test_4_3_1_conditional_fields(
    fields: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    """Both validators where both are known and fit to be sent."""
    assert list(conditions(answer(*fields))) == expected


@pytest.mark.parametrize(
    ("known", "named", "confirmed"),
    [
        ('"1"', '"1"', True),
        ('W/"1"', '"1"', True),
        ('"1"', 'W/"1"', True),
        ('"1"', '"2"', False),
        ('"1"', None, True),
        (None, '"1"', True),
    ],
)
def test_4_3_4_a_304_speaks_of_the_answer_with_its_tag(
    known: str | None, named: str | None, *, confirmed: bool
) -> None:
    """Tags are compared weakly; a 304 with another tag confirms nothing."""
    stored = answer(*([("etag", known)] if known else []))
    fields = Headers([("etag", named)] if named else [])
    assert is_confirmed(stored, fields) is confirmed


def test_3_2_a_304_updates_the_stored_fields() -> None:
    """Its fields replace the stored ones; what describes the stored body stays, times move on."""
    stored = answer(
        ("cache-control", "max-age=1"),
        ("content-encoding", "gzip"),
        ("content-length", "2"),
        ("x-old", "kept"),
        ("x-both", "old"),
        ("age", "500"),
        ("x-once", "stored"),
    )
    not_modified = Headers(
        [
            ("cache-control", "max-age=3600"),
            ("content-encoding", "br"),
            ("content-length", "0"),
            ("x-both", "new"),
            ("x-both", "newer"),
            ("connection", "x-once"),
            ("x-once", "hop"),
            ("date", HOUR_LATER),
        ]
    )
    current = freshened(stored, not_modified, T0 + 3599, T0 + 3600)

    assert dict(current.headers) == {
        "cache-control": "max-age=3600",
        "content-encoding": "gzip",
        "content-length": "2",
        "x-old": "kept",
        "x-both": "newer",
        "x-once": "stored",
        "date": HOUR_LATER,
    }
    assert current.headers.get_all("x-both") == ["new", "newer"]
    assert (current.requested_at, current.received_at) == (T0 + 3599, T0 + 3600)
    assert (current.body, current.body_received_at) == (stored.body, T0)
    assert is_fresh(current, T0 + 7000)


@pytest.mark.parametrize(
    ("vary", "one", "other", "same"),
    [
        ("accept", [("accept", "a, b")], [("accept", "a,  b ")], True),
        ("accept", [("accept", "a, b")], [("accept", "a"), ("accept", "b")], True),
        ("Accept", [("accept", "a")], [("ACCEPT", "a")], True),
        ("accept", [("accept", "a")], [("accept", "b")], False),
        ("accept", [("accept", "")], [], False),
        ("accept", [("other", "a")], [("other", "b")], True),
        ("a, b", [("a", "1"), ("b", "2")], [("b", "2"), ("a", "1")], True),
        ("a, b", [("a", "1")], [("b", "1")], False),
        ("a, b", [("a", "1:b")], [("a", "1"), ("b", "")], False),
    ],
)
def test_4_1_vary(
    vary: str, one: list[tuple[str, str]], other: list[tuple[str, str]], *, same: bool
) -> None:
    """Requests are alike when the named fields are, whatever their spacing, lines and order."""
    fields = Headers([("vary", vary)])
    assert (vary_key(fields, Headers(one)) == vary_key(fields, Headers(other))) is same


@pytest.mark.parametrize("fields", [["*"], ["*, *"], ["*", "*"], ["", "*"], [", *"], ["a, *"]])
def test_4_1_a_star_anywhere_in_vary_matches_nothing(fields: list[str]) -> None:
    """Alone, repeated, or as a member of a list."""
    assert varies_on_everything(Headers([("vary", value) for value in fields]))


def test_4_without_a_match_it_is_a_miss() -> None:
    """Nothing stored, another variant stored, or an entry past its use."""
    other = replace(answer(("vary", "accept")), vary_key="accept:text/plain")
    past = replace(answer(("cache-control", "max-age=60")), expires_at=T0)
    assert decide([], ANY, RFC, T0) == Miss()
    assert decide([other], ANY, RFC, T0) == Miss()
    assert decide([past], ANY, RFC, T0) == Miss()


def test_4_of_several_matches_the_newest_counts() -> None:
    """A later answer supersedes an earlier one with another Vary."""
    old = answer(("cache-control", "max-age=60"), ("vary", "accept"))
    new = replace(answer(("cache-control", "max-age=60")), received_at=T0 + 1)
    assert decide([old, new], ANY, RFC, T0 + 2) == Fresh(new)
    assert decide([new, old], ANY, RFC, T0 + 2) == Fresh(new)


@pytest.mark.parametrize(
    ("fields", "policy", "after", "expected"),
    [
        ([("cache-control", "max-age=60")], RFC, 59, Fresh),
        ([("cache-control", "max-age=60")], RFC, 60, Revalidate),
        ([("cache-control", "max-age=60, no-cache")], RFC, 0, Revalidate),
        ([("cache-control", "max-age=60"), ("vary", "*")], RFC, 0, Revalidate),
        ([("etag", '"1"')], RFC, 0, Revalidate),
        ([("cache-control", "no-store")], KEEP, 599, Fresh),
        ([("cache-control", "max-age=9999")], KEEP, 600, Revalidate),
        ([("cache-control", "no-store"), ("vary", "*")], IMMUTABLE, 3e8, Fresh),
        ([("cache-control", "max-age=60")], OFF, 0, Miss),
    ],
)
def test_4_reuse(
    fields: list[tuple[str, str]],
    policy: CachePolicy,
    after: float,
    expected: type[Fresh] | type[Revalidate] | type[Miss],
) -> None:
    """Fresh is served, stale is asked about; the override modes go by their own clock."""
    assert isinstance(decide([answer(*fields)], ANY, policy, T0 + after), expected)


def test_4_an_override_says_nothing_about_failures() -> None:
    """A stored 404 goes by its headers in every mode."""
    stored = answer(("cache-control", "max-age=60"), status=404)
    assert isinstance(decide([stored], ANY, IMMUTABLE, T0 + 61), Revalidate)


@pytest.mark.parametrize(
    ("directives", "after", "allowed"),
    [
        ("max-age=60, stale-if-error=100", 159, True),
        ("max-age=60, stale-if-error=100", 160, False),
        ("max-age=60", 61, False),
        ("max-age=60, stale-if-error=x", 61, False),
        ("max-age=60, stale-if-error=100, must-revalidate", 61, False),
        ("max-age=60, stale-if-error=100, no-cache", 61, False),
        ("max-age=0, stale-if-error=99999999999", MAX_LIFETIME - 1, True),
        ("max-age=0, stale-if-error=99999999999", MAX_LIFETIME, False),
    ],
)
def test_rfc5861_4_stale_if_error(directives: str, after: float, *, allowed: bool) -> None:
    """Within its seconds, unless the origin forbids stale answers (RFC 9111 section 5.2.2.2)."""
    stored = answer(("cache-control", directives))
    assert may_serve_on_error(stored, T0 + after) is allowed


NAMES = st.sampled_from(
    ["age", "date", "expires", "etag", "last-modified", "vary", "cache-control", "connection"]
)
VALUES = (
    st.text(max_size=30)
    | st.sampled_from([DATE, HOUR_LATER, DAY_BEFORE, "*", '"1"', "accept", "0", "-1", "9" * 5000])
    | st.builds(
        "{}={}{}".format,
        st.sampled_from(["max-age", "stale-if-error", "no-cache", "no-store", "public"]),
        st.integers(-5, 10**30),
        st.sampled_from(["", ", no-cache", '"', ', x="', ", must-revalidate"]),
    )
)
FIELDS = st.lists(st.tuples(NAMES, VALUES), max_size=8)
MOMENTS = st.floats(0, 1e11)
POLICIES = st.builds(CachePolicy, st.sampled_from(CacheMode), st.integers(-10, 10**9))


@settings(max_examples=300, deadline=None)
@given(
    fields=FIELDS,
    later=FIELDS,
    status=st.integers(100, 999),
    requested_at=MOMENTS,
    received_at=MOMENTS,
    now=MOMENTS,
    policy=POLICIES,
)
def test_any_header_values_are_decided_upon(
    *,
    fields: list[tuple[str, str]],
    later: list[tuple[str, str]],
    status: int,
    requested_at: float,
    received_at: float,
    now: float,
    policy: CachePolicy,
) -> None:
    """No field value and no clock makes a rule raise; lifetimes and ages are never negative."""
    headers = Headers(fields)
    stored = replace(
        answer(),
        status=status,
        headers=headers,
        vary_key=vary_key(headers, ANY),
        requested_at=requested_at,
        received_at=received_at,
        expires_at=float("inf"),
    )
    decision = decide([stored], ANY, policy, now)
    entry = entry_to_store(stored, policy)
    current = freshened(stored, Headers(later), received_at, now)
    is_confirmed(stored, Headers(later))

    assert isinstance(decision, Fresh | Revalidate | Miss)
    assert 0 <= freshness_lifetime(stored) <= MAX_LIFETIME
    assert current_age(stored, now) >= 0
    assert is_fresh(stored, now) <= (staleness(stored, now) < 0)
    assert entry is None or received_at < entry.expires_at <= received_at + FOREVER + 1e10
    assert current.body == stored.body
    if may_serve_on_error(stored, now):
        assert staleness(stored, now) < MAX_LIFETIME
