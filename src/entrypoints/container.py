"""The composition root: the only module that knows which adapter stands behind a port.

Adapters are imported when they are first built, so that a command loads only what it uses. So are
the ports that no ingest uses, hence `Any`.
"""

import resource
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from application.ports.clock import Clock
from application.ports.credentials import Credentials
from application.ports.fetchers import Fetchers
from application.ports.response_cache import ResponseCache
from application.ports.run_ids import RunIds
from application.ports.source_registry import SourceRegistry
from domain.errors import ConfigurationError
from domain.sources import Source
from entrypoints.hidden_modules import hidden
from entrypoints.settings import Settings
from entrypoints.storage_parts import storage_of
from entrypoints.use_cases import made_late

with hidden("fastapi", "fast_depends", "starlette", "werkzeug", "yaml"):
    from dependency_injector import containers, providers

_OTHER_FILES = 200


def _clock() -> Clock:
    from adapters.system.system_clock import SystemClock

    return SystemClock()


def _run_ids(clock: Clock) -> RunIds:
    from adapters.system.ulid_run_ids import UlidRunIds

    return UlidRunIds(clock)


def _registry(settings: Settings) -> SourceRegistry:
    from adapters.registry.package_source_registry import PackageSourceRegistry
    from adapters.registry.plug_ins import installed

    return PackageSourceRegistry(
        keys=settings.keys,
        read=_read_declaration,
        project=settings.sources_dir,
        entry_points=installed,
    )


def _read_declaration(text: str, file: str) -> Source:
    from adapters.sources.declared.declaration import read_declaration

    return read_declaration(text, file)


def _source_files(settings: Settings) -> Any:
    from adapters.projects.project_source_files import ProjectSourceFiles
    from adapters.sources.drafting.draft import SCHEMA_FILE
    from adapters.sources.drafting.editor_schema import editor_schema

    return ProjectSourceFiles(
        settings.sources_dir,
        checkout=Path("tests/recordings"),
        schema=(SCHEMA_FILE, editor_schema()),
    )


def _check_source(registry: SourceRegistry, files: Any) -> Any:
    from adapters.sources.drafting.unread import unread_members
    from application.check_source import CheckSource

    return CheckSource(registry=registry, files=files, unread=unread_members)


def _draft_source(
    registry: SourceRegistry,
    fetchers: Fetchers,
    files: Any,
    check: Any,
    clock: Clock,
) -> Any:
    from adapters.sources.drafting.draft import draft_declaration
    from adapters.sources.drafting.probe import probe
    from adapters.sources.drafting.scrubbed import scrubbed_answer, scrubbed_field
    from application.draft_source import DraftSource
    from domain.drafts import Drafter

    return DraftSource(
        registry=registry,
        fetchers=fetchers,
        files=files,
        check=check,
        clock=clock,
        drafter=Drafter(probe, draft_declaration, scrubbed_answer, scrubbed_field),
        read=_read_declaration,
    )


def _editor_schema() -> str:
    from adapters.sources.drafting.editor_schema import editor_schema

    return editor_schema()


def _response_cache(settings: Settings, clock: Clock, opened: list[ResponseCache]) -> ResponseCache:
    cache = _cache_of(settings, clock)
    opened.append(cache)
    return cache


def _cache_of(settings: Settings, clock: Clock) -> ResponseCache:
    from adapters.cache.sqlite_response_cache import SqliteResponseCache

    def embedded() -> ResponseCache:
        folder = settings.working_dir / ".cache"
        return SqliteResponseCache(folder, clock, max_bytes=int(settings.cache.max_bytes))

    if settings.redis_url is None:
        return embedded()
    from adapters.cache.fallback_response_cache import FallbackResponseCache
    from adapters.cache.redis_response_cache import RedisResponseCache

    primary = RedisResponseCache.at(settings.redis_url.get_secret_value(), clock)
    return FallbackResponseCache(primary, embedded)


class _Http:
    """Settings of the HTTP layers; one translation for credentials and fetchers."""

    def __init__(self, settings: Settings) -> None:
        from adapters.http.http_settings import HttpSettings, default_user_agent

        self.settings = HttpSettings(
            concurrency=settings.http.concurrency,
            allow_private=settings.http.allow_private,
            base_urls={name: source.base_url for name, source in settings.sources.items()},
            total_timeout=settings.http.timeout,
            user_agent=default_user_agent(settings.http.contact or ""),
            redis_url=settings.redis_url.get_secret_value() if settings.redis_url else None,
        )


def _credentials(settings: Settings, clock: Clock) -> Credentials:
    from adapters.http.keys.key_credentials import KeyCredentials

    return KeyCredentials(
        keys=settings.keys,
        folder=Path(settings.state_dir) / "keys",
        clock=clock,
        settings=_Http(settings).settings,
        auto_key=settings.opensea.auto_key,
    )


def _fetchers(
    settings: Settings, credentials: Credentials, cache: ResponseCache, clock: Clock
) -> Fetchers:
    from adapters.http.http_fetchers import HttpFetchers

    return HttpFetchers(
        credentials=credentials, cache=cache, clock=clock, settings=_Http(settings).settings
    )


def _result_writer() -> Any:
    from adapters.catalog.arrow_result_writer import ArrowResultWriter

    return ArrowResultWriter()


def _duckdb_exporter() -> Any:
    from adapters.export.duckdb_file_exporter import DuckDbFileExporter

    return DuckDbFileExporter


def _postgres_exporter() -> Any:
    if find_spec("psycopg") is None:
        message = "PostgreSQL needs a client: pip install 'automated-data-pipeline[postgres]'"
        raise ConfigurationError(message)
    from adapters.export.postgres_exporter import PostgresExporter

    return PostgresExporter


def _key_probe(settings: Settings, registry: SourceRegistry) -> Any:
    from adapters.http.keys.key_probe import KeyProbe

    return KeyProbe(registry, settings.keys, auto_key=settings.opensea.auto_key)


def _program() -> str:
    from importlib.metadata import version

    return version("automated-data-pipeline")


def _members() -> int:
    """Targets under way at once: each has two files open, next to those of everything else."""
    from application.ingest_targets import MEMBERS

    open_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if open_files == resource.RLIM_INFINITY:
        return MEMBERS
    return max(1, min(MEMBERS, (open_files - _OTHER_FILES) // 2))


class Container(containers.DeclarativeContainer):
    """Everything the doors need; tests replace a provider by keyword.

    `Container(settings=providers.Object(settings))` is complete.
    """

    settings = providers.Dependency(instance_of=Settings)

    clock = providers.Singleton(_clock)
    run_ids = providers.Singleton(_run_ids, clock)
    registry = providers.Singleton(_registry, settings)
    opened: providers.Singleton[list[ResponseCache]] = providers.Singleton(list)
    response_cache = providers.Singleton(_response_cache, settings, clock, opened)
    credentials = providers.Singleton(_credentials, settings, clock)
    fetchers = providers.Singleton(_fetchers, settings, credentials, response_cache, clock)

    storage = providers.Singleton(storage_of, settings, clock)
    manifests = storage.provided.manifests
    run_log = storage.provided.runs
    writer = storage.provided.writer.call()
    checkpoints = storage.provided.checkpoints.call()
    publisher = storage.provided.publisher.call()
    lock = storage.provided.lock.call()
    query_engine = storage.provided.engine.call()
    result_writer = providers.Singleton(_result_writer)

    put_in_order = providers.Factory(
        made_late("put_in_order.PutInOrder"),
        writer=writer,
        checkpoints=checkpoints,
        manifests=manifests,
        publisher=publisher,
        runs=run_log,
        clock=clock,
    )
    ingest_target = providers.Factory(
        made_late("ingest_target.IngestTarget"),
        registry=registry,
        fetchers=fetchers,
        writer=writer,
        checkpoints=checkpoints,
        manifests=manifests,
        publisher=publisher,
        runs=run_log,
        lock=lock,
        clock=clock,
        run_ids=run_ids,
        program=providers.Callable(_program),
        in_order=put_in_order.provided.alone,
    )
    ingest_targets = providers.Factory(
        made_late("ingest_targets.IngestTargets"),
        ingest=ingest_target.provider,
        registry=registry,
        fetchers=fetchers,
        manifests=manifests,
        publisher=publisher,
        in_order=put_in_order,
        clock=clock,
        members=providers.Callable(_members),
    )
    plan_backfill = providers.Factory(
        made_late("plan_backfill.PlanBackfill"),
        registry=registry,
        manifests=manifests,
        clock=clock,
        program=providers.Callable(_program),
    )
    source_files = providers.Singleton(_source_files, settings)
    check_source = providers.Factory(_check_source, registry, source_files)
    draft_source = providers.Factory(
        _draft_source, registry, fetchers, source_files, check_source, clock
    )
    editor_schema = providers.Callable(_editor_schema)
    plan_ingest = providers.Factory(
        made_late("plan_ingest.PlanIngest"), registry=registry, fetchers=fetchers
    )
    plan_targets = providers.Factory(
        made_late("plan_targets.PlanTargets"),
        registry=registry,
        manifests=manifests,
        checkpoints=checkpoints,
        program=providers.Callable(_program),
    )
    history = storage.provided.history.call()
    resolve_version = providers.Factory(
        made_late("resolve_version.ResolveVersion"),
        manifests=manifests,
        history=history,
        runs=run_log,
        clock=clock,
    )
    query_catalog = providers.Factory(
        made_late("query_catalog.QueryCatalog"),
        engine=query_engine,
        writer=result_writer,
        manifests=manifests,
        history=history,
        resolve=resolve_version,
        runs=run_log,
    )
    export_tables = providers.Factory(
        made_late("export_tables.ExportTables"), engine=query_engine, history=history
    )
    duckdb_exporter = providers.Callable(_duckdb_exporter)
    postgres_exporter = providers.Callable(_postgres_exporter)
    diff_versions = providers.Factory(
        made_late("diff_versions.DiffVersions"),
        manifests=manifests,
        history=history,
        resolve=resolve_version,
        differ=storage.provided.differ.call(),
    )
    lake_maintenance = storage.provided.lake_maintenance.call()
    prune_catalog = providers.Factory(
        made_late("prune_catalog.PruneCatalog"),
        manifests=manifests,
        history=history,
        pruner=storage.provided.pruner.call(),
        lake=lake_maintenance,
        publisher=publisher,
        clock=clock,
    )
    verify_catalog = providers.Factory(
        made_late("verify_catalog.VerifyCatalog"),
        manifests=manifests,
        history=history,
        lake=lake_maintenance,
    )
    rebuild_catalog = providers.Factory(
        made_late("rebuild_catalog.RebuildCatalog"),
        manifests=manifests,
        history=history,
        runs=run_log,
        caches=storage.provided.caches.call(),
        publisher=publisher,
    )
    check_datasets = providers.Factory(
        made_late("check_datasets.CheckDatasets"), manifests=manifests, runs=run_log
    )
    list_runs = providers.Factory(
        made_late("list_runs.ListRuns"), runs=run_log, writer=writer, checkpoints=checkpoints
    )
    measure_cache = providers.Factory(
        made_late("measure_cache.MeasureCache"), cache=response_cache, runs=run_log
    )
    list_datasets = providers.Factory(
        made_late("list_datasets.ListDatasets"), manifests=manifests, runs=run_log
    )
    describe_table = providers.Factory(
        made_late("describe_table.DescribeTable"),
        manifests=manifests,
        registry=registry,
        runs=run_log,
        profiles=storage.provided.profiles.call(),
    )
    diagnose = providers.Factory(
        made_late("diagnose.Diagnose"),
        probes=providers.List(
            storage.provided.probe.call(), providers.Callable(_key_probe, settings, registry)
        ),
        manifests=manifests,
        cache=response_cache,
    )


def container_of(settings: Settings) -> Container:
    """The container of a command."""
    return Container(settings=providers.Object(settings))


async def close_container(container: Container) -> None:
    """Close what was opened; nothing is opened for it."""
    for cache in container.opened():
        await cache.close()
