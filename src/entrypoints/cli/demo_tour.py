"""The steps of `app demo`."""

import contextlib
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from application.ingest_request import IngestRequest
from application.ports.query_engine import Query
from application.ports.result_writer import Layout
from application.query_catalog import QueryCatalog
from domain.runs import Run, RunState
from domain.sources import Window
from entrypoints.cli.beginning import start_logs
from entrypoints.cli.invocation import Invocation
from entrypoints.cli.output import say
from entrypoints.cli.progress import progress
from entrypoints.cli.result_sink import sink_to
from entrypoints.cli.session import run_with
from entrypoints.cli.summary import summary
from entrypoints.container import Container
from entrypoints.sandbox import SERVED, SandboxOptions, running_sandbox
from entrypoints.settings import Settings
from entrypoints.settings_layers import isolated_settings

_TARGET = "dxterminal"
_WIDTH = 100
_QUERIES = (
    (
        "The collection",
        """
select c.name, c.total_supply, count(*) as nfts, round(avg(n.trait_count), 1) as traits_each
from collections c join nfts n using (collection)
group by all
""",
    ),
    (
        "The most common traits",
        """
select trait_type, value, count(*) as n
from traits
group by all
order by n desc, trait_type, value
limit 10
""",
    ),
    (
        "The rarest NFTs, by OpenRarity",
        """
select rank, identifier, name, round(information_content, 1) as bits
from nft.rarity('dxterminal')
order by rank, identifier
limit 5
""",
    ),
    (
        "A currency, the coin and the weather of the last days",
        """
select r.date, r.rate as usd_for_a_euro, round(avg(c.close)) as bitcoin,
  round(avg(w.temperature_2m), 1) as berlin
from rates r join candles c on c.open_time::date = r.date join hourly w on w.time = c.open_time
where r.quote = 'USD' and c.symbol = 'BTCUSDT'
group by all
order by r.date desc
limit 5
""",
    ),
    (
        "The runs",
        """
select domain, target, state, rows_published as rows, requests, cache_hits, revalidated,
  round(epoch(finished_at - started_at), 1) as seconds
from meta.runs
order by started_at
""",
    ),
)
_DAYS = 30
_OTHERS = (
    IngestRequest(domain="crypto", target="BTCUSDT", options={"interval": "1h"}),
    IngestRequest(domain="stocks", target="AAPL", source="sec_edgar"),
    IngestRequest(domain="fx", target="EUR/USD,GBP"),
    IngestRequest(domain="weather", target="Berlin"),
    IngestRequest(domain="quakes", target="world"),
    IngestRequest(domain="indicators", target="SP.POP.TOTL"),
    IngestRequest(domain="github", target="pallets/flask"),
)
_WHOLE = ("stocks", "indicators", "github")
_GOOD = (RunState.SUCCEEDED, RunState.PARTIAL)


class DemoTour:
    """Sandbox, ingests, queries, in a place of its own."""

    def __init__(self, own: Invocation, items: int) -> None:
        self._own = own
        self._items = items

    def run(self, data_dir: str | None, *, keep: bool) -> int:
        """The whole tour; 0 only if every step did what it should."""
        with (
            _folder(keep=keep) as scratch,
            running_sandbox(SandboxOptions(items=self._items)) as url,
        ):
            say(f"A sandbox with {self._items:,} NFTs answers at {url}", "bold")
            settings = isolated_settings(
                {
                    **self._own.flags,
                    "log_level": self._own.flags.get("log_level") or "error",
                    "data_dir": data_dir or scratch / "output",
                    "state_dir": scratch / "state",
                    "sources": {name: {"base_url": url} for name in SERVED},
                    "http": {
                        "allow_private": ("127.0.0.0/8", "localhost"),
                        "contact": "demo@example.org",
                    },
                }
            )
            start_logs(self._own, settings)
            tour = _Tour(
                settings,
                IngestRequest(domain="nft", target=_TARGET, options={"ipfs_gateways": url}),
            )
            good = run_with(self._own, settings, tour.run)
        self._say_next(data_dir or (str(scratch / "output") if keep else None))
        return 0 if good else 1

    def _say_next(self, kept: str | None) -> None:
        if kept is not None:
            folder = shlex.quote(kept)
            say(f'\nIt is all in {kept}: app --data-dir {folder} query "from nfts limit 10"')
        say("\nThe real one, without a key of your own:", "bold")
        say(f"  app ingest nft {_TARGET} --limit 500")
        say('  app query "select * from nfts limit 10"')


class _Tour:
    """What happens over the container."""

    def __init__(self, settings: Settings, request: IngestRequest) -> None:
        self._settings = settings
        self._request = request

    async def run(self, container: Container) -> bool:
        """Whether every step did what it should."""
        say(f"\n$ app ingest nft {_TARGET}", "bold")
        first = await self._ingest(container, self._request)
        say(f"\n$ app ingest nft {_TARGET}        # once more: the cache answers", "bold")
        second = await self._ingest(container, self._request)
        since = Window(since=container.clock().now() - timedelta(days=_DAYS))
        others = []
        for request in _OTHERS:
            window = Window() if request.domain in _WHOLE else since
            say(f"\n$ app ingest {request.domain} {request.target}", "bold")
            others.append(await self._ingest(container, replace(request, window=window)))
        catalog: QueryCatalog = container.query_catalog()
        version = await catalog.latest()
        for title, sql in _QUERIES:
            say(f"\n{title}", "bold")
            say(sql.strip(), "dim")
            with sink_to(None, terminal=sys.stdout.isatty()) as sink:
                catalog.execute(version, Query(sql), Layout("table", width=_WIDTH), sink)
        cached = second.statistics.cache_hits + second.statistics.revalidated
        catalog.close()
        return all(run.state in _GOOD for run in (first, second, *others)) and cached > 0

    async def _ingest(self, container: Container, request: IngestRequest) -> Run:
        listener = progress(f"{request.domain} {request.target}", container.clock())
        async with listener.shown():
            run: Run = await container.ingest_target().execute(request, listener)
        source = container.registry().get(run.domain, run.source)
        for line in summary(run, source, self._settings.data_dir):
            say(line)
        return run


@contextlib.contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    if keep:
        yield Path(tempfile.mkdtemp(prefix="app-demo-"))
        return
    with tempfile.TemporaryDirectory(prefix="app-demo-") as name:
        yield Path(name)
