"""Any sequence of calls to a store next to the same calls to a dictionary."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from application.ports.response_cache import PurgeFilter, ResponseCache
from domain.http_caching.stored_response import StoredResponse
from tests.contracts.response_cache_contract import Opener, stored
from tests.fakes.fake_clock import FakeClock

MODERATE = settings(max_examples=25, stateful_step_count=25, deadline=None)

KEYS = st.sampled_from([f"key-{n}" for n in range(6)])
SOURCES = st.sampled_from(["opensea", "binance"])
VARY_KEYS = st.sampled_from(["", "accept:x", "accept:y"])
BODIES = st.binary(max_size=300) | st.binary(min_size=1, max_size=20).map(lambda part: part * 400)
SECONDS = st.sampled_from([1.0, 30.0, 7200.0])
PREFIXES = st.sampled_from([None, "https://api.example/", "https://api.example/key-1", "nowhere"])


class ResponseCacheMachine(RuleBasedStateMachine):
    """Subclasses make an opener in `make_opener`: each opening sees what earlier ones stored."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.model: dict[str, dict[str, StoredResponse]] = {}
        self.runner = asyncio.Runner()
        self.opener = self.make_opener()
        self.stack = AsyncExitStack()
        self.cache: ResponseCache
        self.open()

    def make_opener(self) -> Opener:
        """A store of its own for each sequence."""
        raise NotImplementedError

    def teardown(self) -> None:
        self.wait_for(self.stack.aclose())
        self.runner.close()

    @rule(
        key=KEYS,
        source=SOURCES,
        vary_key=VARY_KEYS,
        body=BODIES,
        seconds=SECONDS,
        alone=st.sampled_from([False, False, True]),
    )
    def put(
        self, key: str, source: str, vary_key: str, body: bytes, seconds: float, *, alone: bool
    ) -> None:
        url = f"https://api.example/{key}"
        entry = stored(body, clock=self.clock, source=source, url=url, vary_key=vary_key)
        entry = entry._replace(expires_at=entry.received_at + seconds)
        self.wait_for(self.cache.put(key, entry, alone=alone))
        if alone:
            self.model.pop(key, None)
        self.model.setdefault(key, {})[vary_key] = entry

    @rule(keys=st.lists(KEYS, max_size=4))
    def forget(self, keys: Sequence[str]) -> None:
        self.wait_for(self.cache.forget(keys))
        for key in keys:
            self.model.pop(key, None)

    @rule(source=st.none() | SOURCES, prefix=PREFIXES, seconds=st.none() | SECONDS)
    def purge(self, source: str | None, prefix: str | None, seconds: float | None) -> None:
        older_than = None if seconds is None else timedelta(seconds=seconds)
        which = PurgeFilter(source, prefix, older_than)
        now = self.clock.now().timestamp()
        doomed = [
            (key, each.vary_key)
            for key, variants in self.model.items()
            for each in variants.values()
            if which.matches(each.source, each.url, now - each.received_at)
        ]
        assert len(doomed) == self.wait_for(self.cache.count(which))
        assert len(doomed) == self.wait_for(self.cache.purge(which))
        for key, vary_key in doomed:
            del self.model[key][vary_key]

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule()
    @precondition(lambda self: self.model)
    def reopen(self) -> None:
        self.wait_for(self.stack.aclose())
        self.open()

    @invariant()
    def everything_alive_is_found(self) -> None:
        now = self.clock.now().timestamp()
        alive = {
            key: {each.vary_key: each for each in variants.values() if now < each.expires_at}
            for key, variants in self.model.items()
        }
        found = self.wait_for(self.cache.get_many([*self.model, "never put"]))

        assert {key: variants for key, variants in alive.items() if variants} == {
            key: {each.vary_key: each for each in variants} for key, variants in found.items()
        }

    def open(self) -> None:
        self.cache = self.wait_for(self.stack.enter_async_context(self.opener()))

    def wait_for[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)
