"""Asks an upstream for an instant key."""

import asyncio
import json
import random
from collections.abc import Mapping
from typing import Any

import httpx
import structlog

from adapters.http.backoff_hook import BackoffHook, RetryPolicy
from adapters.http.body_reader import BodyReader
from adapters.http.deadlines import Deadlines
from adapters.http.http_client import http_client
from adapters.http.http_settings import HttpSettings
from adapters.http.httpx_wire import response_headers
from adapters.http.keys.issued_key import IssuedKey, usable_secret, utc_moment
from adapters.http.name_resolver import SystemNameResolver
from adapters.http.origins import shown
from adapters.http.pinned_backend import PinnedBackend
from adapters.http.statuses import status_error
from adapters.http.wire_errors import wire_error
from application.ports.clock import Clock
from domain.errors import MissingKeyError, RetryableError, ThrottledError
from domain.retrying import Backoff, parse_retry_after
from domain.sources import ApiKey, InstantKey, Source

_ISSUED = frozenset({200, 201})
_NO_MORE_KEYS = frozenset({409, 429})
_LARGEST = 64 * 1024
# Each POST may use up one of the few keys that an address gets an hour
_POLICY = RetryPolicy(Backoff(patience=10.0), attempts=2, throttled_attempts=1)

_log = structlog.get_logger()


class InstantKeyDesk:
    """One POST with an empty body to the source's endpoint (`InstantKey`)."""

    def __init__(self, *, clock: Clock, settings: HttpSettings) -> None:
        self._clock = clock
        self._settings = settings

    async def ask(self, source: Source, api_key: ApiKey, instant: InstantKey) -> IssuedKey:
        """A new key.

        Raises:
            MissingKeyError: the upstream hands out none.
            ThrottledError: none for now; the message names the variable to set by hand.
            RetryableError: the upstream does not answer, or not with a key.
        """
        from adapters.http.quiet_stamina import stamina  # noqa: PLC0415 - few runs need it

        url = f"{self._settings.base_url(source)}/{instant.path.lstrip('/')}"
        hook = BackoffHook(_POLICY, random.random)
        async for attempt in stamina.retry_context(
            on=hook, attempts=_POLICY.most_attempts, timeout=None
        ):
            with attempt:
                body = await self._post(source, api_key, url)
                break
        return self._issued(body, source, instant, url)

    async def _post(self, source: Source, api_key: ApiKey, url: str) -> bytes:
        deadlines = Deadlines(total=self._settings.total_timeout)
        resolver = SystemNameResolver()
        client = http_client(
            backend=PinnedBackend(resolver=resolver, guard=None),
            deadlines=deadlines,
            user_agent=self._settings.user_agent,
            concurrency=1,
        )
        try:
            async with (
                asyncio.timeout(deadlines.total),
                client,
                client.stream("POST", url, headers={"Accept": "application/json"}) as response,
            ):
                self._refuse(response, source, api_key, url)
                reader = BodyReader(deadlines, self._clock.monotonic)
                body, _ = await reader.read(response, response_headers(response), _LARGEST)
        except TimeoutError as exc:
            message = str(exc) or f"no instant key within {deadlines.total:g} s"
            raise RetryableError(message, url=shown(url)) from exc
        except httpx.HTTPError as exc:
            raise wire_error(exc, url) from exc
        finally:
            resolver.close()
        return body

    def _refuse(self, response: httpx.Response, source: Source, api_key: ApiKey, url: str) -> None:
        status, headers = response.status_code, response_headers(response)
        if status in _ISSUED:
            return
        now = self._clock.timestamp()
        if status in _NO_MORE_KEYS:
            message = (
                f"{source.name} hands out no further instant key for now (status {status}). "
                f"Try again later, or set {api_key.variable} (get one at {api_key.where})"
            )
            retry_after = parse_retry_after(headers, now)
            raise ThrottledError(message, url=shown(url), status=status, retry_after=retry_after)
        error = status_error(
            status,
            headers,
            throttled=source.policy.throttled_statuses,
            now=now,
            url=shown(url),
        )
        if error is not None:
            raise error
        _log.warning("credentials.key_refused", source=source.name, status=status)
        raise MissingKeyError(source.name, api_key.variable, api_key.where)

    def _issued(self, body: bytes, source: Source, instant: InstantKey, url: str) -> IssuedKey:
        try:
            value: Any = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        secret = value.get(instant.key_field) if isinstance(value, dict) else None
        if not usable_secret(secret):
            # Without `from`: the answer may hold a key that must not reach a log
            message = "the answer of the key endpoint holds no key"
            raise RetryableError(message, url=shown(url))
        limits = value.get(instant.limits_field)
        read = limits.get("read") if isinstance(limits, Mapping) else limits
        key = IssuedKey(
            secret=secret,
            issued_at=self._clock.now(),
            expires_at=utc_moment(value.get(instant.expires_field)),
            read_limit=read[:40] if isinstance(read, str) else "",
        )
        _log.info(
            "credentials.key_obtained",
            source=source.name,
            expires_at=key.expires_at.isoformat() if key.expires_at else "not said",
            read_limit=key.read_limit or "not said",
        )
        return key
