import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.http.known_urls import KnownUrls
from adapters.http.ssrf_guard import SsrfGuard
from domain.errors import HostileError

_CHARACTERS = "abzAZ019/?#%.-_~!$&'()*+,;=:@ \"<>[]\\^`{|}é\n2f"


@settings(deadline=None, max_examples=400)
@given(
    st.sampled_from(["http://a.test", "https://a.test:81", "http://A.test", "http://1.2.3.4:80"]),
    st.lists(st.text(_CHARACTERS, max_size=12), min_size=1, max_size=3),
)
def test_an_address_is_parsed_as_httpx_parses_it(origin: str, tails: list[str]) -> None:
    """The second one of an origin like the first, whatever is in it."""
    known = KnownUrls(httpx.URL)
    for text in [f"{origin}/{tail}" for tail in tails]:
        try:
            expected = httpx.URL(text)
        except httpx.InvalidURL:
            with pytest.raises(httpx.InvalidURL):
                known.url(text)
        else:
            url = known.url(text)
            assert url == expected
            assert (str(url), url.raw_path) == (str(expected), expected.raw_path)
            assert (url.host, url.port, url.fragment) == (
                expected.host,
                expected.port,
                expected.fragment,
            )


def test_an_origin_is_judged_once_and_an_odd_address_each_time() -> None:
    """What may hide another host is never taken for known."""
    judged: list[str] = []

    def judge(text: str) -> httpx.URL:
        judged.append(text)
        return httpx.URL(text)

    known = KnownUrls(judge)
    for tail in ("/1", "/2", "/3?x=y", "/4?"):
        known.url("http://a.test" + tail)
    assert judged == ["http://a.test/"]
    known.url("http://a.test/../x")
    known.url("http://a.test/%2e")
    known.url("http://a@a.test/")
    known.url("http://a.test/" + "x" * 1024)
    assert len(judged) == 5


def test_what_is_refused_is_refused_each_time() -> None:
    """A refusal is not remembered as a pass."""
    known = KnownUrls(SsrfGuard().check_url)
    for _ in range(2):
        with pytest.raises(HostileError):
            known.url("http://127.0.0.1/x")


def test_only_so_many_origins_are_remembered() -> None:
    """Data may name any number of hosts."""
    known = KnownUrls(httpx.URL)
    for number in range(3000):
        known.url(f"http://{number}.test/")
    assert len(known._origins) <= 1024
