import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.testing import capture_logs

from adapters.http.transport.http2_fallback import FAILURES, WITHIN, Http2Fallback
from adapters.http.transport.route import Origin

HOST = Origin("https", "a.test", 443)
OTHER = Origin("https", "b.test", 443)


class ShiftedLoop(asyncio.SelectorEventLoop):
    """A loop whose clock the test moves."""

    shift = 0.0

    def time(self) -> float:
        return super().time() + self.shift


@contextmanager
def at(loop: ShiftedLoop, later: float) -> Iterator[None]:
    loop.shift += later
    yield


def test_f026_three_failures_leave_http2_for_a_while() -> None:
    """At that origin alone, with one line in the log; then it is tried again."""

    async def use() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ShiftedLoop)
        fallback = Http2Fallback()
        for _ in range(FAILURES - 1):
            fallback.failed(HOST, "broken")
            assert fallback.allows(HOST)
        fallback.failed(HOST, "broken")
        assert not fallback.allows(HOST)
        assert fallback.allows(OTHER)
        with at(loop, WITHIN + 1):
            assert fallback.allows(HOST)

    with capture_logs() as logs, asyncio.Runner(loop_factory=ShiftedLoop) as runner:
        runner.run(use())
    assert [(each["event"], each["host"]) for each in logs] == [("http.http2_left", "a.test")]


def test_f026_failures_that_lie_far_apart_do_not_add_up() -> None:
    """One in a while is no sign."""

    async def use() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, ShiftedLoop)
        fallback = Http2Fallback()
        for _ in range(2 * FAILURES):
            fallback.failed(HOST, "broken")
            assert fallback.allows(HOST)
            loop.shift += WITHIN / 2 + 1

    with asyncio.Runner(loop_factory=ShiftedLoop) as runner:
        runner.run(use())


def test_a_host_may_ask_for_http1_itself() -> None:
    """Once is enough."""

    async def use() -> None:
        fallback = Http2Fallback()
        fallback.failed(HOST, "HTTP_1_1_REQUIRED", at_once=True)
        assert not fallback.allows(HOST)

    asyncio.run(use())
