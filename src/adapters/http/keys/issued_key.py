"""A key that an upstream handed out, and how it is kept."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeGuard

from domain.rate_limits import RateLimit, parse_rate_limit

_LONGEST = 512
_MARGIN = timedelta(hours=1)
_MARGIN_SHARE = 10


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """An instant key.

    Attributes:
        expires_at: None where the upstream did not say.
        read_limit: what the upstream allows, in its own words ("600/h"); empty if it did not say.
    """

    secret: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime | None
    read_limit: str = ""

    @property
    def limits(self) -> tuple[RateLimit, ...]:
        """The limit on reading, where it can be understood."""
        limit = parse_rate_limit(self.read_limit)
        return () if limit is None else (limit,)

    def expired(self, now: datetime) -> bool:
        """Of no use any more."""
        return self.expires_at is not None and now >= self.expires_at

    def ends_soon(self, now: datetime) -> bool:
        """Within the last hour, or the last tenth of a short life."""
        if self.expires_at is None:
            return False
        margin = min(_MARGIN, (self.expires_at - self.issued_at) / _MARGIN_SHARE)
        return now >= self.expires_at - margin


def usable_secret(value: object) -> TypeGuard[str]:
    """Whether a value can stand in a header field as a key: visible ASCII, of a sane length."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST
        and all("!" <= letter <= "~" for letter in value)
    )


def utc_moment(value: object) -> datetime | None:
    """An ISO 8601 date and time; UTC where no zone is given; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def key_to_json(key: IssuedKey) -> bytes:
    """The key as a JSON document."""
    value = {
        "key": key.secret,
        "issued_at": key.issued_at.isoformat(),
        "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        "read_limit": key.read_limit,
    }
    return json.dumps(value).encode()


def key_from_json(document: bytes) -> IssuedKey:
    """Read what `key_to_json` wrote; ValueError for anything else."""
    value: Any = json.loads(document)
    if not isinstance(value, dict) or not usable_secret(value.get("key")):
        message = "no key in it"
        raise ValueError(message)
    issued_at = utc_moment(value.get("issued_at"))
    limit = value.get("read_limit")
    if issued_at is None or not isinstance(limit, str):
        message = "no date in it"
        raise ValueError(message)
    return IssuedKey(value["key"], issued_at, utc_moment(value.get("expires_at")), limit)
