"""What integration tests share."""

import asyncio
import ssl
from collections.abc import Callable

import httpx
import pytest
import uvloop

from tests.support.authority import AUTHORITY


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client trusts the test's own authority."""

    def context(**_: object) -> ssl.SSLContext:
        made = ssl.create_default_context()
        AUTHORITY.configure_trust(made)
        return made

    monkeypatch.setattr(httpx, "create_ssl_context", context)


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def loop_factory(request: pytest.FixtureRequest) -> Callable[[], asyncio.AbstractEventLoop]:
    """Both kinds of loop have a TLS of their own."""
    factory: Callable[[], asyncio.AbstractEventLoop] = request.param
    return factory
