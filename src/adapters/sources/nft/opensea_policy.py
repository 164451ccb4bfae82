"""How OpenSea is talked to, and what is the same for all its sources."""

from domain.rate_limits import RateLimit
from domain.sources import ApiKey, InstantKey, SourcePolicy
from domain.stated_limits import stated_limit
from domain.targets import check_slug

POLICY = SourcePolicy(
    base_url="https://api.opensea.io",
    api_key=ApiKey(
        header="x-api-key",
        variable="OPENSEA_API_KEY",
        where="https://opensea.io/settings/developer",
        instant=InstantKey("/api/v2/auth/keys", "api_key", "expires_at", "rate_limits"),
    ),
    limits=(RateLimit(600, 3600.0),),
    concurrency=4,
    limited=stated_limit,
    upstream="opensea",
)
EXAMPLE = "dxterminal"


def check_collection(target: str) -> str:
    """The target, if it can be a collection's slug; UsageError else."""
    return check_slug(target, "collection slug")
