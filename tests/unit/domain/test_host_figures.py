"""What a run asked of each host."""

from domain.host_figures import HostFigures, host_figures
from domain.runs import FetchStatistics


def test_every_host_that_is_known_has_its_figures() -> None:
    """Those that were only waited for, or only answered for by the cache, too."""
    fetched = FetchStatistics(
        asked_hosts={"a.test": 30}, cached_hosts={"a.test": 10, "c.test": 5}, waits={"d.test": 3.5}
    )
    found = list(host_figures(fetched))

    assert found == [
        HostFigures("a.test", 30, 10, 0.0),
        HostFigures("c.test", 0, 5, 0.0),
        HostFigures("d.test", 0, 0, 3.5),
    ]
    assert [each.cache_share for each in found] == [0.25, 1.0, 0.0]
