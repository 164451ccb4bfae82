"""One exchange for all who ask the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable


class SingleFlight[K: Hashable, R]:
    """The first to ask leads; those who ask meanwhile wait for what it gets.

    A leader's error is everybody's: a failing upstream is not asked by each of them in turn.
    When a leader is cancelled, one of those who wait takes its place.
    """

    def __init__(self) -> None:
        # A future is made by the first who waits: as a rule nobody does.
        self._flights: dict[K, asyncio.Future[R] | None] = {}

    async def run(
        self, key: K, exchange: Callable[[], Awaitable[R]], serves: Callable[[R], bool]
    ) -> R:
        """What `exchange` gives, to this caller or to another one.

        Args:
            key: what is asked for.
            exchange: asks.
            serves: what another one got will do for this caller too; if not, it asks for itself,
                at the same time as all the others that were let go.
        """
        flights = self._flights
        while key in flights:
            flight = flights[key]
            if flight is None:
                flight = flights[key] = asyncio.get_running_loop().create_future()
            await asyncio.wait((flight,))
            if flight.cancelled():
                continue
            result = flight.result()
            return result if serves(result) else await exchange()
        flights[key] = None
        try:
            result = await exchange()
        except Exception as error:
            if (flight := flights.pop(key)) is not None:
                flight.set_exception(error)
                flight.exception()  # who waited may be gone
            raise
        except BaseException:
            if (flight := flights.pop(key)) is not None:
                flight.cancel()
            raise
        if (flight := flights.pop(key)) is not None:
            flight.set_result(result)
        return result
