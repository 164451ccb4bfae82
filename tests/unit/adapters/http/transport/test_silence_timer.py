import asyncio

from adapters.http.transport.silence_timer import SilenceTimer


def test_it_goes_off_after_silence_and_not_before() -> None:
    """What is heard in between starts the time again."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        gone_off = asyncio.Event()
        timer = SilenceTimer(gone_off.set)
        timer.start(0.02)
        await asyncio.sleep(0.01)
        timer.heard()
        heard = loop.time()
        await gone_off.wait()
        assert loop.time() >= heard + 0.02

    asyncio.run(run())


def test_a_shorter_time_replaces_a_longer_one() -> None:
    """The next exchange may be less patient."""

    async def run() -> None:
        gone_off = asyncio.Event()
        timer = SilenceTimer(gone_off.set)
        timer.start(3600.0)
        timer.start(0.01)
        await gone_off.wait()

    asyncio.run(run())


def test_stopped_it_leaves_nothing_behind() -> None:
    """It never goes off."""

    async def run() -> None:
        gone_off = asyncio.Event()
        timer = SilenceTimer(gone_off.set)
        timer.start(3600.0)
        timer.stop()
        assert timer._handle is None

    asyncio.run(run())
