"""What is pending is seen, whatever becomes of it next."""

import asyncio

from application.pending_requests import PendingRequests
from domain.requests import Request


def _request(number: int, *, expands: bool = False) -> Request:
    return Request(kind="x", url=f"/{number}", expands=expands)


def _nothing() -> bool:
    return False


def test_all_that_is_pending_is_seen() -> None:
    """What is under way, what is held and what waits; what is answered or let go is not."""

    async def story() -> list[list[str]]:
        pending = PendingRequests(low_water=1)
        asked, waits, held = _request(1), _request(2), [_request(3), _request(4)]
        pending.add([asked, waits])
        taken = await pending.take(1, _nothing)
        pending.hold(held)
        seen = [[each.url for each in pending]]
        pending.done(taken[0])
        pending.let_go(held)
        return [*seen, [each.url for each in pending]]

    assert asyncio.run(story()) == [["/1", "/3", "/4", "/2"], ["/2"]]


def test_nobody_ends_while_requests_are_held() -> None:
    """They may still have to be asked."""

    async def story() -> list[Request]:
        pending = PendingRequests(low_water=1)
        held = [_request(1)]
        pending.hold(held)
        taking = asyncio.ensure_future(pending.take(5, _nothing))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not taking.done()
        pending.let_go(held)
        pending.add(held)
        await pending.tell()
        return await taking

    assert [each.url for each in asyncio.run(story())] == ["/1"]


def test_the_last_resort_is_asked_until_it_has_something_or_nothing_more() -> None:
    """Only when nothing else is pending."""

    async def story() -> tuple[list[Request], list[Request], int]:
        pending = PendingRequests(low_water=1)
        tries = 0

        def resort() -> bool:
            nonlocal tries
            tries += 1
            if tries == 2:
                pending.add([_request(7)])
            return tries < 3

        first = await pending.take(5, resort)
        pending.done(first[0])
        return first, await pending.take(5, resort), tries

    first, last, tries = asyncio.run(story())
    assert ([each.url for each in first], last, tries) == (["/7"], [], 3)


def test_one_request_twice_is_two_requests() -> None:
    """Each is done by itself."""

    async def story() -> int:
        pending = PendingRequests(low_water=1)
        one = _request(1)
        pending.add([one, one])
        taken = await pending.take(5, _nothing)
        pending.done(taken[0])
        return len([*pending])

    assert asyncio.run(story()) == 1


def test_a_page_is_taken_as_soon_as_it_is_wanted() -> None:
    """By the one who waits for pages alone, whether it comes late or items become few."""

    async def story() -> list[str]:
        pending = PendingRequests(low_water=2)
        pending.add([_request(n) for n in (1, 2, 3)])
        items = await pending.take(1, _nothing)
        taking = asyncio.ensure_future(pending.take(0, _nothing))
        for _ in range(5):
            await asyncio.sleep(0)
        pending.add([_request(9, expands=True)])
        await pending.tell()
        for _ in range(5):
            await asyncio.sleep(0)
        assert not taking.done()
        items += await pending.take(1, _nothing)
        return [each.url for each in (*items, *await taking)]

    assert asyncio.run(story()) == ["/1", "/2", "/9"]


def test_whoever_waits_for_pages_leaves_items_to_others_and_ends_with_them() -> None:
    """What the last resort adds is for those who take items."""

    async def story() -> tuple[list[Request], list[Request], list[Request]]:
        pending = PendingRequests(low_water=1)
        left = [_request(5)]

        def resort() -> bool:
            pending.add(left)
            more = bool(left)
            left.clear()
            return more

        pages = asyncio.ensure_future(pending.take(0, resort))
        items = asyncio.ensure_future(pending.take(5, lambda: False))
        taken = await items
        for _ in range(5):
            await asyncio.sleep(0)
        assert not pages.done()
        pending.done(taken[0])
        await pending.tell()
        return taken, await pages, await pending.take(5, resort)

    taken, pages, last = asyncio.run(story())
    assert ([each.url for each in taken], pages, last) == (["/5"], [], [])
