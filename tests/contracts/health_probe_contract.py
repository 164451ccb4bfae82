"""What every health probe keeps to."""

import asyncio

import pytest

from application.ports.health_probe import HealthProbe
from domain.health import Level


class HealthProbeContract:
    """Subclasses give `probe`, of what works, and `broken`, of what does not."""

    @pytest.fixture
    def probe(self) -> HealthProbe:
        raise NotImplementedError

    @pytest.fixture
    def broken(self) -> HealthProbe:
        raise NotImplementedError

    def test_it_says_what_it_looked_at(self, probe: HealthProbe) -> None:
        """At least one finding; each with a name and a detail, none of them bad."""
        findings = asyncio.run(probe.probe())

        assert findings
        assert all(each.name and each.detail for each in findings)
        assert {each.level for each in findings} == {Level.OK}

    def test_trouble_comes_with_advice(self, broken: HealthProbe) -> None:
        """It is found, not raised."""
        bad = [each for each in asyncio.run(broken.probe()) if each.level is not Level.OK]

        assert bad
        assert all(each.advice for each in bad)
