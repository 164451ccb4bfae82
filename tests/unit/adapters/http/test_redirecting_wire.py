import asyncio

import pytest
from structlog.testing import capture_logs

from adapters.http.redirecting_wire import MOST_REDIRECTS, RedirectingWire
from adapters.http.wire import WireRequest, WireResponse
from domain.errors import FetchError, HostileError, PermanentError
from domain.requests import Request, Trust
from tests.contracts.wire_contract import FOREIGN_URL, SOURCE_URL, WireContract
from tests.fakes.fake_wire import FakeWire, answer_or_error, wire_response


def redirect(target: str, status: int = 302, *, took: float = 0.0) -> WireResponse:
    answer = wire_response(status, b"", headers=[("Location", target)])
    return WireResponse(status, answer.headers, b"", 0.0, took, "")


def send(
    wire: FakeWire,
    url: str = FOREIGN_URL,
    trust: Trust = Trust.UNTRUSTED,
    headers: tuple[tuple[str, str], ...] = (),
    **request: object,
) -> WireResponse:
    asked = Request(kind="x", url=url, trust=trust, **request)  # type: ignore[arg-type]  # passed through
    return asyncio.run(
        RedirectingWire(wire=wire, total=30.0).send(WireRequest(asked, url, headers))
    )


class TestRedirectingWire(WireContract):
    async def answer_with(
        self, request: WireRequest, status: int, body: bytes, headers: dict[str, str]
    ) -> WireResponse:
        wire = FakeWire(answer_or_error(status, body, headers))
        return await RedirectingWire(wire=wire, total=30.0).send(request)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_untrusted_redirect_is_followed(status: int) -> None:
    """To another host, to another path, to the same scheme."""
    wire = FakeWire(redirect("//b.test/x", status), redirect("../y", status), wire_response())
    assert send(wire, "https://a.test/1/2").status == 200
    assert [each.url for each in wire.sent] == [
        "https://a.test/1/2",
        "https://b.test/x",
        "https://b.test/y",
    ]


@pytest.mark.parametrize("answer", [wire_response(302), wire_response(304), wire_response(300)])
def test_what_names_no_other_address_is_the_answer(answer: WireResponse) -> None:
    """A redirect without a Location leads nowhere."""
    assert send(FakeWire(answer)) is answer


def test_f029_five_redirects_are_followed_and_a_sixth_is_not() -> None:
    """A loop ends."""
    wire = FakeWire(*[redirect("/again")] * MOST_REDIRECTS, wire_response())
    assert send(wire).status == 200
    wire = FakeWire(redirect("/again"))
    with pytest.raises(PermanentError, match="more than 5 redirects"):
        send(wire)
    assert len(wire.sent) == MOST_REDIRECTS + 1


@pytest.mark.parametrize(
    "target",
    ["file:///etc/passwd", "gopher://x/", "ftp://x/", "data:,x", "FILE:///x", "mailto:a@b.test"],
)
def test_f031_only_the_web_is_followed(target: str) -> None:
    """Nothing is sent for anything else."""
    wire = FakeWire(redirect(target))
    with pytest.raises(HostileError, match="not on the web"):
        send(wire)
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    ("url", "target", "kind"),
    [
        (SOURCE_URL, "http://api.test/v1/things", HostileError),
        (SOURCE_URL, "HTTP://other.test/", HostileError),
        (SOURCE_URL, "https://other.test/", PermanentError),
        (SOURCE_URL, "/v2/things", PermanentError),
        ("http://api.test/", "http://other.test/", PermanentError),
    ],
)
def test_f032_f033_a_source_s_own_redirects_are_refused(
    url: str, target: str, kind: type[FetchError]
) -> None:
    """Out of TLS it is hostile; keys never leave their origin either way."""
    wire = FakeWire(redirect(target))
    with pytest.raises(kind):
        send(wire, url, Trust.SOURCE, (("x-api-key", "key-1"),))
    assert len(wire.sent) == 1


def test_f032_a_stranger_that_leaves_tls_is_followed_and_told_of_once() -> None:
    """Metadata may come over http; 36,600 lines about it help nobody."""
    wire = FakeWire(redirect("http://b.test/"), wire_response())
    redirecting = RedirectingWire(wire=wire, total=30.0)

    async def run() -> None:
        for number in range(3):
            wire._answers[:] = [redirect("http://b.test/"), wire_response()]
            url = f"https://a.test/{number}"
            request = Request(kind="x", url=url, trust=Trust.UNTRUSTED)
            assert (await redirecting.send(WireRequest(request, url))).status == 200

    with capture_logs() as logs:
        asyncio.run(run())
    assert [(each["event"], each["log_level"]) for each in logs] == [("http.downgraded", "warning")]


def test_f033_what_may_be_secret_stays_with_its_origin() -> None:
    """Whoever put it on; conditions and ranges travel."""
    secrets = (("authorization", "Bearer x"), ("x-api-key", "y"), ("cookie", "z"))
    harmless = (("if-none-match", '"1"'), ("Range", "bytes=0-1"))
    wire = FakeWire(redirect("https://b.test/"), redirect("https://b.test/2"), wire_response())
    send(wire, headers=secrets + harmless)
    assert [each.headers for each in wire.sent] == [secrets + harmless, harmless, harmless]


def test_f033_a_request_s_own_fields_are_no_exception() -> None:
    """A source may have put a token there."""
    wire = FakeWire(redirect("/near"), redirect("https://b.test/"), wire_response())
    asked = Request(
        kind="x", url=FOREIGN_URL, trust=Trust.UNTRUSTED, headers=(("x-token", "y"), ("range", "z"))
    )
    redirecting = RedirectingWire(wire=wire, total=30.0)
    asyncio.run(redirecting.send(WireRequest(asked, FOREIGN_URL)))
    assert [dict(each.request.headers) for each in wire.sent] == [
        {"x-token": "y", "range": "z"},
        {"x-token": "y", "range": "z"},
        {"range": "z"},
    ]


@pytest.mark.parametrize(
    ("status", "method", "content"),
    [
        (301, "GET", b""),
        (302, "GET", b""),
        (303, "GET", b""),
        (307, "POST", b"x"),
        (308, "POST", b"x"),
    ],
)
def test_a_redirected_post_becomes_a_get_where_the_status_says_so(
    status: int, method: str, content: bytes
) -> None:
    """RFC 9110 sections 15.4.2 to 15.4.9."""
    wire = FakeWire(redirect("/other", status), wire_response())
    send(wire, method="POST", content=b"x")
    assert (wire.sent[1].request.method, wire.sent[1].request.content) == (method, content)


@pytest.mark.parametrize(
    "target", ["http://[::1", "//[", "http://", "//", "///x", "https://?a", "/" + "x" * 9000]
)
def test_f034_a_malformed_location_is_an_error(target: str) -> None:
    """Not a crash, and nothing is sent."""
    wire = FakeWire(redirect(target))
    with pytest.raises(PermanentError):
        send(wire)
    assert len(wire.sent) == 1


def test_all_hops_share_the_time_of_one_request() -> None:
    """What the first ones took, the last one has not."""
    wire = FakeWire(redirect("/2", took=12.0), redirect("/3", took=10.0), wire_response())
    send(wire)
    assert [each.seconds for each in wire.sent] == [None, 18.0, 8.0]
