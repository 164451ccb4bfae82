"""Keys are named, never shown and never asked for."""

import asyncio
from dataclasses import replace

import pytest

from adapters.http.keys.key_probe import KeyProbe
from application.ports.health_probe import HealthProbe
from domain.health import Level
from domain.sources import ApiKey, InstantKey, SourcePolicy
from tests.contracts.health_probe_contract import HealthProbeContract
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE

KEY = ApiKey("x-key", "SAMPLE_KEY", "https://sample.test/keys")
INSTANT = replace(KEY, instant=InstantKey("/keys", "key", "expires_at"))
OPTIONAL = replace(KEY, required=False)


def probe_of(key: ApiKey, *, auto_key: bool = True, **keys: str) -> KeyProbe:
    source = replace(SAMPLE, policy=SourcePolicy("https://sample.test", api_key=key))
    return KeyProbe(FakeSourceRegistry(source), keys, auto_key=auto_key)


class TestKeyProbe(HealthProbeContract):
    """The contract, with and without a key."""

    @pytest.fixture
    def probe(self) -> HealthProbe:
        return probe_of(KEY, SAMPLE_KEY="secret-value")

    @pytest.fixture
    def broken(self) -> HealthProbe:
        return probe_of(KEY)


@pytest.mark.parametrize(
    ("key", "auto_key", "level", "words"),
    [
        (INSTANT, True, Level.OK, "instant key"),
        (INSTANT, False, Level.WARNING, "not set"),
        (OPTIONAL, True, Level.OK, "not needed"),
    ],
)
def test_a_missing_key_is_as_bad_as_the_source_says(
    key: ApiKey, auto_key: bool, level: Level, words: str
) -> None:
    """The advice names where to get one."""
    (found,) = asyncio.run(probe_of(key, auto_key=auto_key).probe())

    assert found.level is level
    assert words in found.detail
    assert "https://sample.test/keys" in found.advice


def test_a_key_that_is_set_is_not_shown() -> None:
    """Its variable is."""
    (found,) = asyncio.run(probe_of(KEY, SAMPLE_KEY="secret-value").probe())

    assert "SAMPLE_KEY" in found.detail
    assert "secret-value" not in repr(found)


def test_sources_without_a_key_are_not_mentioned() -> None:
    """There is nothing to say."""
    assert asyncio.run(KeyProbe(FakeSourceRegistry(SAMPLE), {}, auto_key=True).probe()) == []
