"""The steps of `app demo`."""

import contextlib
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from application.ingest_request import IngestRequest
from application.ports.query_engine import Query
from application.ports.result_writer import Layout
from domain.runs import Run, RunState
from entrypoints.cli.beginning import start_logs
from entrypoints.cli.invocation import Invocation
from entrypoints.cli.output import say
from entrypoints.cli.progress import progress
from entrypoints.cli.result_sink import sink_to
from entrypoints.cli.session import run_with
from entrypoints.cli.summary import summary
from entrypoints.container import Container
from entrypoints.sandbox import SandboxOptions, running_sandbox
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
        "The rarest NFTs: information content of their traits, in bits",
        """
with frequency as (
  select trait_type, value, count(*) / (select count(*) from nfts) as share
  from traits group by all
)
select n.identifier, n.name, round(sum(-log2(f.share)), 1) as bits
from nfts n join traits t using (collection, contract, identifier)
  join frequency f using (trait_type, value)
group by all
order by bits desc, n.identifier
limit 5
""",
    ),
    (
        "The two runs",
        """
select state, rows_published as rows, requests, cache_hits, revalidated,
  round(epoch(finished_at - started_at), 1) as seconds
from meta.runs
order by started_at
""",
    ),
)
_GOOD = (RunState.SUCCEEDED, RunState.PARTIAL)


class DemoTour:
    """Sandbox, two ingests, queries, in a place of its own."""

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
                    "sources": {"opensea": {"base_url": url}},
                    "http": {"allow_private": ("127.0.0.0/8", "localhost")},
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
        first = await self._ingest(container)
        say(f"\n$ app ingest nft {_TARGET}        # once more: the cache answers", "bold")
        second = await self._ingest(container)
        catalog = container.query_catalog()
        version = await catalog.latest()
        for title, sql in _QUERIES:
            say(f"\n{title}", "bold")
            say(sql.strip(), "dim")
            with sink_to(None, terminal=sys.stdout.isatty()) as sink:
                catalog.execute(version, Query(sql), Layout("table", width=_WIDTH), sink)
        cached = second.statistics.cache_hits + second.statistics.revalidated
        return all(run.state in _GOOD for run in (first, second)) and cached > 0

    async def _ingest(self, container: Container) -> Run:
        listener = progress(f"nft {_TARGET}", container.clock())
        async with listener.shown():
            run = await container.ingest_target().execute(self._request, listener)
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
