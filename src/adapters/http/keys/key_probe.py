"""Says which keys are set, without showing or asking for any."""

from collections.abc import Mapping, Sequence

from application.ports.health_probe import HealthProbe
from application.ports.source_registry import SourceRegistry
from domain.health import Finding, Level
from domain.sources import ApiKey


class KeyProbe(HealthProbe):
    """One finding for each source that knows a key.

    Args:
        keys: variable name to key, for those that are set.
        auto_key: instant keys may be asked for.
    """

    def __init__(
        self, registry: SourceRegistry, keys: Mapping[str, str], *, auto_key: bool
    ) -> None:
        self._registry = registry
        self._keys = keys
        self._auto_key = auto_key

    async def probe(self) -> Sequence[Finding]:
        """Whether each source's variable is set, and what happens if it is not."""
        return [
            self._finding(source.name, source.policy.api_key)
            for source in self._registry.all()
            if source.policy.api_key is not None
        ]

    def _finding(self, source: str, key: ApiKey) -> Finding:
        name = f"key of {source}"
        if self._keys.get(key.variable):
            return Finding(name, Level.OK, f"{key.variable} is set")
        advice = f"Set {key.variable} for a higher quota: {key.where}"
        if key.instant is not None and self._auto_key:
            detail = f"{key.variable} is not set: an instant key will be asked for"
            return Finding(name, Level.OK, detail, advice)
        if not key.required:
            return Finding(name, Level.OK, f"{key.variable} is not set; not needed", advice)
        return Finding(name, Level.WARNING, f"{key.variable} is not set", f"{key.where}")
