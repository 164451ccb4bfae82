"""How a declaration says that its upstream is to be talked to."""

from urllib.parse import urlsplit

from adapters.sources.declared.section import Section
from domain.rate_limits import RateLimit, parse_rate_limit
from domain.requests import CacheMode, CachePolicy
from domain.sources import ApiKey, SourcePolicy
from domain.stated_limits import stated_limit


def read_policy(section: Section) -> SourcePolicy:
    """The `[policy]` of a declaration."""
    base_url = section.text("base_url")
    if not base_url.startswith(("https://", "http://")):
        raise section.fail(name="base_url", complaint="must begin with https:// or http://.")
    if not _is_address(base_url):
        raise section.fail(name="base_url", complaint="must name a host, and have no query.")
    cache = CachePolicy(
        CacheMode(section.choice("cache", tuple(CacheMode), "rfc9111")),
        section.integer("cache_seconds", 0),
    )
    if (cache.mode is CacheMode.KEEP) != (cache.seconds > 0):
        complaint = "cache = keep and the seconds that answers are kept go together."
        raise section.fail(name="cache_seconds", complaint=complaint)
    stated = section.flag("limits_in_words", default=False)
    policy = SourcePolicy(
        base_url=base_url.rstrip("/"),
        api_key=_key(section.section("key")) if "key" in section else None,
        limits=_limits(section),
        concurrency=max(1, section.integer("concurrency", 4)),
        cache=cache,
        limited=stated_limit if stated else None,
        when_refused=section.text("when_refused", ""),
    )
    section.section("key")
    section.end()
    return policy


def _is_address(base_url: str) -> bool:
    try:
        parts = urlsplit(base_url)
        plain = not (parts.query or parts.fragment or parts.username or parts.password)
        return bool(parts.hostname) and parts.port != 0 and plain and base_url.isprintable()
    except ValueError:
        return False


def _limits(section: Section) -> tuple[RateLimit, ...]:
    found = []
    for text in section.texts("limits", ()):
        if (limit := parse_rate_limit(text)) is None:
            raise section.fail(
                name="limits", complaint=f"{text!r} is no limit: write 60/m, 5000/h or 10/15m."
            )
        found.append(limit)
    return tuple(found)


def _key(section: Section) -> ApiKey:
    key = ApiKey(
        header=section.text("header"),
        variable=section.text("variable"),
        where=section.text("where"),
        required=section.flag("required", default=True),
        scheme=section.text("scheme", ""),
    )
    section.end()
    return key
