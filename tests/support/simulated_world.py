"""The real engine over the real storage, with a network, a clock and a disk that a test owns."""

import asyncio
import errno
import heapq
import os
import random
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import duckdb
from fakeredis import FakeAsyncRedis, FakeServer

from adapters.catalog.catalog_file import CatalogFile
from adapters.locking.redis_run_lock import RedisRunLock
from adapters.storage.data_folder import DataFolder
from adapters.storage.file_checkpoints import FileCheckpoints
from adapters.storage.file_manifest_log import FileManifestLog
from adapters.storage.file_publisher import FilePublisher
from adapters.storage.file_run_log import FileRunLog
from adapters.storage.flock_run_lock import FlockRunLock
from adapters.storage.folder_identity import FolderIdentity
from adapters.storage.parquet_dataset_writer import ParquetDatasetWriter
from application.ingest_request import IngestRequest
from application.ingest_target import IngestTarget
from application.ports.fetcher import Fetched
from domain.errors import PipelineError, RetryableError
from domain.requests import Request, Response
from domain.runs import Run
from tests.fakes.fake_clock import FakeClock
from tests.fakes.fake_fetchers import FakeFetcher, FakeFetchers
from tests.fakes.fake_page_results import FakePageResults
from tests.fakes.fake_progress import FakeProgress
from tests.fakes.fake_run_ids import FakeRunIds
from tests.fakes.fake_source_registry import FakeSourceRegistry
from tests.fakes.sample_source import SAMPLE, answer
from tests.support.assert_consistent import assert_consistent
from tests.support.engine import Engine
from tests.support.faulty_disk import FaultyDisk

PAGE = 20
DAY = 86_400.0


class CrashError(Exception):
    """The process is gone."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong: "network", "stop", "full disk", "broken disk" or "crash"; and when."""

    kind: str
    at: int


class SimulatedClock(FakeClock):
    """Whoever sleeps wakes when somebody else has moved the time."""

    def __init__(self) -> None:
        super().__init__()
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._number = count()

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.monotonic() + seconds, next(self._number), woken))
        await woken.wait()

    def advance(self, seconds: float) -> None:
        super().advance(seconds)
        while self._sleepers and self._sleepers[0][0] <= self.monotonic():
            heapq.heappop(self._sleepers)[2].set()


class SimulatedFetcher(FakeFetcher):
    """Answers in any order, after any time; one request may fail, one may be the last."""

    def __init__(self, world: "World", fault: Fault | None) -> None:
        super().__init__(world.answer)
        self.page_results = world.page_results
        self._world = world
        self._fault = fault
        self.stop = asyncio.Event()

    async def fetch_many(self, requests: Sequence[Request]) -> AsyncGenerator[Fetched]:
        order = list(requests)
        self._world.chance.shuffle(order)
        for request in order:
            self._world.clock.advance(self._world.chance.expovariate(1.0))
            answered = self.asked.total()
            if self._fault and answered >= self._fault.at and self._fault.kind == "stop":
                self.stop.set()
                await asyncio.Event().wait()
            if self._fault and answered >= self._fault.at and self._fault.kind == "network":
                message = "the upstream is down"
                raise RetryableError(message)
            async for fetched in super().fetch_many([request]):
                yield fetched


class World:
    """An upstream that changes, a data folder, and what must be in it.

    Attributes:
        items: what the upstream has: colours by item.
        published: what the last run that succeeded saw; None before there was one.
        redis: where runs are locked over machines.
        damaged: runs whose staging area was changed behind their back.
    """

    def __init__(self, home: Path, chance: random.Random, items: int = 60) -> None:
        self.chance = chance
        self.clock = SimulatedClock()
        self.items = {f"{n:04}": ["red"] * (n % 3) for n in range(items)}
        self.published: dict[str, list[str]] | None = None
        self.redis = FakeServer()
        self.page_results = FakePageResults(self.clock)
        self.damaged: set[str] = set()
        self.root = home / "0"
        self._home = home
        self._lives = count(1)
        self._run_ids = FakeRunIds()
        self._versions = 0

    def answer(self, request: Request) -> Response:
        """What the upstream says now."""
        name = request.url.rsplit("/", 1)[1]
        if request.kind == "detail":
            details = answer({"colors": self.items.get(name, [])})
            return replace(details, reusable_until=self.clock.timestamp() + DAY)
        ids = sorted(self.items)
        start = int(name) * PAGE
        listed = [{"id": each, "name": self._name(each)} for each in ids[start : start + PAGE]]
        page = {"items": listed}
        following = {"next": int(name) + 1} if start + PAGE < len(ids) else {}
        return answer({**page, **following, "total": len(ids)})

    def _name(self, item: str) -> str:
        """The list tells when details have changed, so that the answer before may be kept."""
        return " ".join([item, *self.items[item]])

    def change(self) -> None:
        """An item comes, one goes, one changes."""
        gone, other = self.chance.sample(sorted(self.items), 2)
        del self.items[gone]
        self.items[other] = [*self.items[other], "blue"][-4:]
        self.items[f"{self.chance.randrange(10_000):04}"] = ["green"]

    def ingest(self, fault: Fault | None = None, *, resume: bool = True) -> Run | None:
        """One life of the program; None when it did not come to its end."""
        fetcher = SimulatedFetcher(self, fault)
        disk = FaultyDisk(fault.at if fault else None, lambda: self._fail(fault))
        run: Run | None = None
        with suppress(PipelineError, CrashError, asyncio.CancelledError, OSError):
            if fault and fault.kind in {"full disk", "broken disk", "crash"}:
                with disk.installed():
                    run = asyncio.run(self._live(fetcher, resume=resume))
            else:
                run = asyncio.run(self._live(fetcher, resume=resume))
        if (self._home / "after-crash").exists():
            run = None  # what the process did after its end counts for nothing
            self.root = self._survived()
        self._reconcile(run)
        assert_consistent(self.root, damaged=self.damaged)
        return run

    def settle(self) -> Run:
        """An undisturbed ingest; everything is in order after it."""
        run = self.ingest()
        assert run is not None
        assert_consistent(self.root, settled=True)
        assert self.rows() == self.expected()
        return run

    def rows(self) -> dict[str, list[str]]:
        """What the published files say."""
        return self._read([[self.root / f"things_{name}.parquet"] for name in ("items", "details")])

    def queried(self) -> dict[str, list[str]]:
        """What the newest version says to whoever reads it."""
        manifest = asyncio.run(FileManifestLog(DataFolder(self.root)).latest())
        found = [manifest.dataset(f"test.{name}", "things") for name in ("items", "details")]
        return self._read([[self.root / f.path for f in each.files] for each in found if each])

    @staticmethod
    def _read(files: list[list[Path]]) -> dict[str, list[str]]:
        if not files:
            return {}
        with duckdb.connect() as connection:
            listed, details = (connection.read_parquet([*map(str, each)]) for each in files)
            items = listed.project("id").fetchall()
            colors = details.order("id, position").project("id, color").fetchall()
        found: dict[str, list[str]] = {name: [] for (name,) in items}
        for name, color in colors:
            found[name].append(color)
        return found

    def expected(self) -> dict[str, list[str]]:
        """What must be published."""
        return self.published or {}

    async def _live(self, fetcher: SimulatedFetcher, *, resume: bool) -> Run:
        ingest = self._engine(fetcher)
        request = IngestRequest(domain="test", target="things", resume=resume)
        task = asyncio.ensure_future(ingest.execute(request, FakeProgress()))
        stopping = asyncio.ensure_future(fetcher.stop.wait())
        await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
        stopping.cancel()
        return await task

    def _engine(self, fetcher: SimulatedFetcher) -> IngestTarget:
        folder = DataFolder(self.root)
        manifests = FileManifestLog(folder, _link)
        runs = FileRunLog(folder)
        return Engine(
            registry=FakeSourceRegistry(SAMPLE),
            fetchers=FakeFetchers(fetcher),
            writer=ParquetDatasetWriter(folder, manifests, self.clock),
            checkpoints=FileCheckpoints(folder),
            manifests=manifests,
            publisher=FilePublisher(folder, runs, CatalogFile(folder.root).build),
            runs=runs,
            lock=RedisRunLock(
                FakeAsyncRedis(server=self.redis),
                FlockRunLock(folder, self.clock),
                FolderIdentity(folder).read,
                self.clock,
            ),
            clock=self.clock,
            run_ids=self._run_ids,
        ).one()

    def _fail(self, fault: Fault | None) -> None:
        assert fault is not None
        if fault.kind == "crash":
            # What a dead process leaves is what is there now; it tidies nothing up.
            shutil.copytree(self.root, self._home / "after-crash", symlinks=True)
            raise CrashError
        number = errno.ENOSPC if fault.kind == "full disk" else errno.EIO
        raise OSError(number, os.strerror(number))

    def _survived(self) -> Path:
        """The folder as the crash left it, under a name of its own."""
        home = self._home / str(next(self._lives))
        (self._home / "after-crash").rename(home)
        shutil.rmtree(self.root)
        return home

    def _reconcile(self, run: Run | None) -> None:
        """A version that was committed before the end counts, whoever heard of it."""
        versions = list((self.root / "_catalog" / "v").glob("*.json"))
        if run is not None or len(versions) > self._versions:
            self.published = {name: list(colors) for name, colors in self.items.items()}
        self._versions = len(versions)


def _link(old: Path, new: Path) -> None:
    """As the disk does it at this moment, with its faults."""
    os.link(old, new)
