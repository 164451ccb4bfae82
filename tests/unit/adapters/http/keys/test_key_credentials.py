import asyncio
import json
import stat
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import respx
from structlog.testing import capture_logs

from adapters.http.http_settings import HttpSettings
from adapters.http.keys.key_credentials import KeyCredentials
from application.ports.credentials import Credential, Credentials
from domain.errors import (
    ConfigurationError,
    MissingKeyError,
    PipelineError,
    RetryableError,
    ThrottledError,
)
from domain.rate_limits import RateLimit
from domain.sources import ApiKey, InstantKey, Source
from tests.contracts.credentials_contract import CredentialsContract
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_credentials import FakeCredentials
from tests.fakes.sample_source import SAMPLE

ENDPOINT = "https://sample.invalid/api/v2/auth/keys"
CANARY = "canary-7f3a"
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
INSTANT = InstantKey("/api/v2/auth/keys", "api_key", "expires_at")
API_KEY = ApiKey("x-api-key", "SAMPLE_KEY", "https://sample.invalid/keys", instant=INSTANT)


def keyed(api_key: ApiKey | None) -> Source:
    return replace(SAMPLE, policy=replace(SAMPLE.policy, api_key=api_key))


SOURCE = keyed(API_KEY)


class Desk:
    """The upstream's key endpoint; it hands out canary-7f3a-1, then canary-7f3a-2."""

    def __init__(self, router: respx.Router) -> None:
        self.asked = 0
        self.status = 201
        self.changes: dict[str, object] = {}
        self.headers: dict[str, str] = {}
        router.post(ENDPOINT).mock(side_effect=self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        assert request.content == b""
        body = {
            "api_key": f"{CANARY}-{self.asked}",
            "name": "instant",
            "expires_at": (START + timedelta(days=7)).isoformat().replace("+00:00", "Z"),
            "rate_limits": {"read": "600/h", "write": "30/h", "fulfillment": "5/m"},
            "upgrade_url": "https://sample.invalid/upgrade",
        }
        return httpx.Response(self.status, json=body | self.changes, headers=self.headers)


@pytest.fixture
def desk() -> Iterator[Desk]:
    with respx.mock(assert_all_called=False) as router:
        yield Desk(router)


def build(
    folder: Path,
    clock: FakeClock | None = None,
    keys: Mapping[str, str] | None = None,
    *,
    auto_key: bool = True,
) -> KeyCredentials:
    return KeyCredentials(
        keys=keys or {},
        folder=folder,
        clock=clock or FakeClock(),
        settings=HttpSettings(),
        auto_key=auto_key,
    )


def ask(credentials: Credentials, source: Source = SOURCE) -> Credential:
    credential = asyncio.run(credentials.credential(source))
    assert credential is not None
    return credential


class TestKeyCredentials(CredentialsContract):
    @pytest.fixture
    def source(self) -> Source:
        return SOURCE

    @pytest.fixture
    def credentials(self, desk: Desk, tmp_path: Path) -> Credentials:
        return build(tmp_path)


class TestFakeCredentials(CredentialsContract):
    @pytest.fixture
    def source(self) -> Source:
        return SAMPLE

    @pytest.fixture
    def credentials(self) -> Credentials:
        return FakeCredentials()


def test_a_source_without_keys_has_none(tmp_path: Path) -> None:
    """Nothing to find, nothing to ask."""
    assert asyncio.run(build(tmp_path).credential(keyed(None))) is None


def test_the_operator_s_key_comes_first(desk: Desk, tmp_path: Path) -> None:
    """It is used as it is, and the endpoint is not asked."""
    credential = ask(build(tmp_path, keys={"SAMPLE_KEY": " own-key\n"}))
    assert (credential.header, credential.secret) == ("x-api-key", "own-key")
    assert not credential.renewable
    assert desk.asked == 0


def test_two_operators_do_not_share_a_partition(tmp_path: Path) -> None:
    """The partition tells keys apart, stays the same for one key, and gives nothing away."""
    one, two, again = (
        ask(build(tmp_path, keys={"SAMPLE_KEY": key})).partition for key in ("a1", "b2", "a1")
    )
    assert one != two
    assert one == again
    assert "a1" not in one


def test_a_key_that_cannot_be_one_is_a_configuration_error(tmp_path: Path) -> None:
    """The message names the variable and not the value."""
    with pytest.raises(ConfigurationError) as caught:
        ask(build(tmp_path, keys={"SAMPLE_KEY": f"{CANARY}\r\nx-evil: 1"}))
    assert "SAMPLE_KEY" in str(caught.value)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    ("api_key", "auto_key"),
    [(API_KEY, False), (replace(API_KEY, instant=None), True)],
    ids=["auto_key off", "no endpoint"],
)
def test_a_required_key_that_is_not_to_be_had_is_missing(
    api_key: ApiKey, auto_key: bool, desk: Desk, tmp_path: Path
) -> None:
    """The message says which variable to set and where to get a key."""
    credentials = build(tmp_path, auto_key=auto_key)
    with pytest.raises(MissingKeyError, match=r"SAMPLE_KEY.*sample\.invalid/keys"):
        ask(credentials, keyed(api_key))
    optional = keyed(replace(api_key, required=False))
    assert asyncio.run(credentials.credential(optional)) is None
    assert desk.asked == 0


def test_an_instant_key_is_asked_for_said_aloud_and_kept(desk: Desk, tmp_path: Path) -> None:
    """One request, one log line without the key, a file that only its owner reads."""
    folder = tmp_path / "state" / "keys"
    with capture_logs() as logs:
        first = ask(build(folder))
        second = ask(build(folder))
    assert first == second
    assert first.secret == f"{CANARY}-1"
    assert first.renewable
    assert first.limits == (RateLimit(600, 3600.0),)
    assert desk.asked == 1
    (said,) = [line for line in logs if line["event"] == "credentials.key_obtained"]
    assert said["log_level"] == "info"
    assert (said["read_limit"], said["expires_at"][:10]) == ("600/h", "2026-01-09")
    assert CANARY not in json.dumps(logs, default=str)
    (kept,) = folder.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_another_base_url_has_another_key(desk: Desk, tmp_path: Path) -> None:
    """A key of the sandbox never goes to the real upstream."""
    ask(build(tmp_path))
    with respx.mock() as router:
        route = router.post("http://127.0.0.1:8123/api/v2/auth/keys").respond(
            200, json={"api_key": "of-the-sandbox"}
        )
        settings = HttpSettings(base_urls={"sample": "http://127.0.0.1:8123/"})
        other = KeyCredentials(keys={}, folder=tmp_path, clock=FakeClock(), settings=settings)
        assert ask(other).secret == "of-the-sandbox"
        assert route.call_count == 1
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"key": 5}', b"\xff\xfe", b'{"key": "a b"}', b'{"key": "a"}']
)
def test_a_corrupt_file_costs_a_warning_and_a_new_key(
    content: bytes, desk: Desk, tmp_path: Path
) -> None:
    """Never an error."""
    ask(build(tmp_path))
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(content)
    with capture_logs() as logs:
        assert ask(build(tmp_path)).secret == f"{CANARY}-2"
    assert "credentials.key_unreadable" in [line["event"] for line in logs]
    assert ask(build(tmp_path)).secret == f"{CANARY}-2"


def test_a_folder_that_cannot_be_written_costs_a_warning(desk: Desk, tmp_path: Path) -> None:
    """The run goes on with the key in memory."""
    (tmp_path / "file").write_text("in the way")
    credentials = build(tmp_path / "file" / "keys")
    with capture_logs() as logs:
        assert ask(credentials).secret == f"{CANARY}-1"
    assert "credentials.key_not_kept" in [line["event"] for line in logs]
    assert ask(credentials).secret == f"{CANARY}-1"


def test_a_key_is_replaced_before_it_ends(desk: Desk, tmp_path: Path) -> None:
    """In its last hour another one is asked for."""
    clock = FakeClock()
    credentials = build(tmp_path, clock)
    ask(credentials)
    clock.advance(timedelta(days=6, hours=22).total_seconds())
    assert ask(credentials).secret == f"{CANARY}-1"
    clock.advance(timedelta(hours=1, minutes=30).total_seconds())
    assert ask(credentials).secret == f"{CANARY}-2"


def test_a_key_that_still_holds_is_used_when_no_other_is_to_be_had(
    desk: Desk, tmp_path: Path
) -> None:
    """A warning, not an end."""
    clock = FakeClock()
    credentials = build(tmp_path, clock)
    ask(credentials)
    clock.advance(timedelta(days=6, hours=23, minutes=30).total_seconds())
    desk.status = 429
    assert ask(credentials).secret == f"{CANARY}-1"
    clock.advance(3600)
    with pytest.raises(ThrottledError):
        ask(credentials)


def test_the_key_of_another_process_is_taken_over_on_renewal(desk: Desk, tmp_path: Path) -> None:
    """A renewal looks into the file before it asks."""
    one, two = build(tmp_path), build(tmp_path)
    rejected = ask(one)

    async def renew(credentials: KeyCredentials) -> str:
        renewed = await credentials.renew(SOURCE, rejected)
        assert renewed is not None
        return renewed.secret

    assert asyncio.run(renew(one)) == f"{CANARY}-2"
    assert asyncio.run(renew(two)) == f"{CANARY}-2"
    assert desk.asked == 2


@pytest.mark.parametrize("status", [409, 429])
def test_when_no_more_keys_are_handed_out_the_message_says_what_to_do(
    status: int, desk: Desk, tmp_path: Path
) -> None:
    """Asked once only, with the variable and the place to get a key."""
    desk.status = status
    desk.headers = {"Retry-After": "1800"}
    with pytest.raises(ThrottledError, match=r"set SAMPLE_KEY.*sample\.invalid/keys") as caught:
        ask(build(tmp_path))
    assert caught.value.retry_after == 1800.0
    assert desk.asked == 1


@pytest.mark.parametrize(
    ("status", "expected", "attempts"),
    [(503, RetryableError, 2), (404, MissingKeyError, 1), (302, MissingKeyError, 1)],
)
def test_other_refusals(
    status: int, expected: type[PipelineError], attempts: int, desk: Desk, tmp_path: Path
) -> None:
    """A passing failure is tried again; an endpoint that is gone is not."""
    desk.status = status
    with pytest.raises(expected):
        ask(build(tmp_path))
    assert desk.asked == attempts


@pytest.mark.parametrize(
    "key", [None, 5, "", "a b", "a\r\nx-evil: 1", "k" * 10_000, ["x"]], ids=repr
)
def test_an_answer_without_a_usable_key_is_an_error(
    key: object, desk: Desk, tmp_path: Path
) -> None:
    """What comes from upstream never becomes a header unseen."""
    desk.changes = {"api_key": key}
    with pytest.raises(RetryableError, match="holds no key"):
        ask(build(tmp_path))
    assert desk.asked == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": None, "rate_limits": None},
        {"expires_at": "soon", "rate_limits": {"read": "many"}},
        {"expires_at": 5, "rate_limits": ["600/h"]},
    ],
)
def test_odd_terms_do_not_cost_the_key(
    changes: dict[str, object], desk: Desk, tmp_path: Path
) -> None:
    """Without a date it is kept until it is rejected; without limits there are none."""
    desk.changes = changes
    clock = FakeClock()
    credentials = build(tmp_path, clock)
    assert ask(credentials).limits == ()
    clock.advance(10_000_000)
    assert ask(credentials).secret == f"{CANARY}-1"


def test_no_error_shows_the_key(desk: Desk, tmp_path: Path) -> None:
    """Neither the message nor its causes."""
    desk.changes = {"api_key": f"{CANARY} with spaces"}
    with pytest.raises(RetryableError) as caught:
        ask(build(tmp_path))
    assert CANARY not in repr(caught.value)
    assert caught.value.__cause__ is None
