"""What an operator may set about HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version

from domain.errors import ConfigurationError
from domain.sources import Source

DISTRIBUTION = "automated-data-pipeline"


def default_user_agent(contact: str = "") -> str:
    """The product and its version (RFC 9110 section 10.1.5), with a way to reach the operator."""
    product = f"{DISTRIBUTION}/{version(DISTRIBUTION)}"
    return f"{product} (+{contact})" if contact else product


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Settings of all HTTP layers.

    Attributes:
        concurrency: most requests in flight over all hosts.
        allow_private: hosts, networks or host:port that untrusted URLs may reach although they
            are private; see `Allowance`.
        base_urls: by the upstream's name, in place of the policy's base URL.
        total_timeout: seconds for one request with its redirects and its body.
        redis_url: a Redis in which all processes count what they send to limited upstreams.
    """

    concurrency: int = 64
    allow_private: tuple[str, ...] = ()
    base_urls: Mapping[str, str] = field(default_factory=dict)
    total_timeout: float = 30.0
    user_agent: str = field(default_factory=default_user_agent)
    redis_url: str | None = field(default=None, repr=False)

    def base_url(self, source: Source) -> str:
        """Where a source's requests go, without a slash at the end.

        Raises:
            ConfigurationError: not an http or https address.
        """
        url = self.base_urls.get(source.upstream, source.policy.base_url).rstrip("/")
        if not url.startswith(("https://", "http://")):
            message = f"The base URL of {source.name} must begin with https:// or http://."
            raise ConfigurationError(message)
        return url

    def hosts(self, source: Source) -> Mapping[str, str]:
        """Where requests to a source's further hosts go: all to the base URL that replaces its own.

        Raises:
            ConfigurationError: not an http or https address.
        """
        hosts = source.policy.hosts
        if source.upstream in self.base_urls:
            return dict.fromkeys(hosts, self.base_url(source))
        return hosts
