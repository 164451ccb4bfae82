"""Keys from the settings, else instant keys."""

import asyncio
import hashlib
from collections.abc import Mapping
from pathlib import Path

import structlog

from adapters.http.http_settings import HttpSettings
from adapters.http.keys.instant_key_desk import InstantKeyDesk
from adapters.http.keys.issued_key import IssuedKey, usable_secret
from adapters.http.keys.key_file import KeyFile
from application.ports.clock import Clock
from application.ports.credentials import Credential, Credentials
from domain.errors import ConfigurationError, MissingKeyError, RetryableError
from domain.sources import ApiKey, InstantKey, Source

INSTANT_PARTITION = "instant"

_log = structlog.get_logger()


class KeyCredentials(Credentials):
    """The operator's own key where there is one, else an instant key, asked for and kept.

    Args:
        keys: secrets by variable name, as the operator set them.
        folder: where instant keys are kept.
        clock: tells when a key ends.
        settings: base URLs, deadline and User-Agent for asking.
        auto_key: instant keys may be asked for.
    """

    def __init__(
        self,
        *,
        keys: Mapping[str, str],
        folder: Path,
        clock: Clock,
        settings: HttpSettings,
        auto_key: bool = True,
    ) -> None:
        self._keys = keys
        self._folder = folder
        self._clock = clock
        self._settings = settings
        self._auto_key = auto_key
        self._desk = InstantKeyDesk(clock=clock, settings=settings)
        self._issued: dict[str, IssuedKey] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def credential(self, source: Source) -> Credential | None:
        """The key of a source.

        Raises (besides what the port names):
            ConfigurationError: the key that was set cannot be one.
        """
        api_key = source.policy.api_key
        if api_key is None:
            return None
        secret = self._keys.get(api_key.variable, "").strip()
        if secret:
            return _own(source, api_key, secret)
        if api_key.instant is None or not self._auto_key:
            if api_key.required:
                raise MissingKeyError(source.name, api_key.variable, api_key.where)
            return None
        issued = self._issued.get(source.upstream)
        if issued is None or issued.ends_soon(self._clock.now()):
            async with self._lock(source):
                issued = await self._current(source, api_key, api_key.instant)
        return _instant(api_key, issued)

    def partition(self, source: Source) -> str:
        """Of the operator's own key, of instant keys, or of no key at all."""
        api_key = source.policy.api_key
        if api_key is None:
            return ""
        if secret := self._keys.get(api_key.variable, "").strip():
            return _own(source, api_key, secret).partition
        return INSTANT_PARTITION if api_key.instant and self._auto_key else ""

    async def renew(self, source: Source, rejected: Credential) -> Credential | None:
        """Another instant key; the operator's own key is only his to replace."""
        api_key = source.policy.api_key
        if not rejected.renewable or api_key is None or api_key.instant is None:
            return None
        async with self._lock(source):
            issued = self._issued.get(source.upstream) or await self._file(source).load()
            if issued is None or issued.secret == rejected.secret:
                _log.info("credentials.key_rejected", source=source.name)
                issued = await self._ask(source, api_key, api_key.instant)
            self._issued[source.upstream] = issued
        return _instant(api_key, issued)

    async def _current(self, source: Source, api_key: ApiKey, instant: InstantKey) -> IssuedKey:
        now = self._clock.now()
        issued = self._issued.get(source.upstream)
        if issued is None or issued.ends_soon(now):
            issued = await self._file(source).load()
        if issued is None or issued.expired(now):
            issued = await self._ask(source, api_key, instant)
        elif issued.ends_soon(now):
            try:
                issued = await self._ask(source, api_key, instant)
            except (RetryableError, MissingKeyError) as exc:
                _log.warning("credentials.key_ends_soon", source=source.name, reason=str(exc))
        self._issued[source.upstream] = issued
        return issued

    async def _ask(self, source: Source, api_key: ApiKey, instant: InstantKey) -> IssuedKey:
        issued = await self._desk.ask(source, api_key, instant)
        await self._file(source).save(issued)
        return issued

    def _file(self, source: Source) -> KeyFile:
        return KeyFile(self._folder, source, self._settings.base_url(source))

    def _lock(self, source: Source) -> asyncio.Lock:
        return self._locks.setdefault(source.upstream, asyncio.Lock())


def _own(source: Source, api_key: ApiKey, secret: str) -> Credential:
    if not usable_secret(secret):
        message = f"{api_key.variable} holds characters that no key has; set it again."
        raise ConfigurationError(message)
    digest = hashlib.blake2b(secret.encode(), key=source.upstream.encode()[:64], digest_size=8)
    value = f"{api_key.scheme} {secret}".lstrip()
    return Credential(api_key.header, value, digest.hexdigest())


def _instant(api_key: ApiKey, issued: IssuedKey) -> Credential:
    return Credential(
        api_key.header,
        issued.secret,
        INSTANT_PARTITION,
        renewable=True,
        limits=issued.limits,
    )
