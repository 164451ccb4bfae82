"""What every test gets: no network but loopback, no real keys, no waiting between retries."""

from collections.abc import Iterator

import pytest
import pytest_socket
import stamina


@pytest.fixture(autouse=True)
def _loopback_only() -> Iterator[None]:
    """Connections to anything but loopback fail at once."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    yield
    pytest_socket._remove_restrictions()


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The developer's own keys and settings never reach a test."""
    for name in ("OPENSEA_API_KEY", "TIINGO_API_KEY", "GITHUB_TOKEN", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _retries_without_waiting() -> Iterator[None]:
    """Stamina repeats at once, as often as it would."""
    stamina.set_testing(True, attempts=3, cap=True)
    yield
    stamina.set_testing(False)
