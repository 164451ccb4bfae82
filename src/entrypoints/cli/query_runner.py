"""Runs a query and sends its result where it belongs."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import typer

from application.ports.query_engine import Query
from application.ports.result_writer import Layout, Written
from application.query_catalog import CatalogVersion, QueryCatalog
from domain.errors import QueryError, StatementRefusedError
from entrypoints.cli.output import say
from entrypoints.cli.result_sink import sink_to
from entrypoints.cli.session import run
from entrypoints.cli.words import moment, span
from entrypoints.container import Container


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOrder:
    """What to ask, and where the answer goes.

    Attributes:
        at: names an older version; None for the newest.
        output: a file; None for stdout.
        compression: of the file: gz, zst or nothing.
        terminal: whether stdout is one, and is written to.
        pager: whether a long result may be shown through a pager.
    """

    sql: str
    parameters: Mapping[str, str]
    timeout: float
    memory: str
    allowed_paths: tuple[Path, ...]
    at: str | None
    layout: Layout
    output: Path | None
    compression: str
    terminal: bool
    pager: bool


def run_query(context: typer.Context, order: QueryOrder) -> None:
    """Run it over the version that it names."""

    async def prepare(container: Container) -> tuple[QueryCatalog, CatalogVersion]:
        catalog: QueryCatalog = container.query_catalog()
        try:
            return catalog, await (catalog.latest() if order.at is None else catalog.at(order.at))
        except BaseException:
            catalog.close()
            raise

    catalog, version = run(context, prepare)
    if version.is_past:
        made = moment(version.manifest.committed_at)
        others = len(version.manifest.further_runs)
        runs = f"run {version.manifest.run_id}" + (f" and {others:,} more" if others else "")
        say(f"version {version.manifest.version} of {made} ({runs})")
    query = Query(
        order.sql, order.parameters, order.timeout, order.memory, allowed_paths=order.allowed_paths
    )
    began = monotonic()
    try:
        with sink_to(
            order.output,
            terminal=order.terminal,
            compression=order.compression,
            pager=order.pager,
        ) as sink:
            written = catalog.execute(version, query, order.layout, sink)
            took = monotonic() - began
    except StatementRefusedError:
        raise
    except QueryError:
        if version.manifest.version == 0:
            say("Nothing is ingested yet. Begin with: app ingest nft dxterminal")
        raise
    finally:
        catalog.close()
    _tell(order, written, took)


def _tell(order: QueryOrder, written: Written, took: float) -> None:
    """Words about the data, never among it."""
    if written.truncated and order.layout.count_more:
        more = "more" if written.more is None else f"{written.more:,} more"
        say(f"… {more} rows; {written.rows:,} are shown. `--limit N` shows more.")
    if written.hidden:
        say(f"… {written.hidden:,} more columns. `--columns wide` or `--line` shows them.")
    if order.output is not None:
        say(f"{_rows(written.rows)} written to {order.output}")
    elif order.terminal and sys.stderr.isatty():
        time = span(took) if took >= 1 else f"{1000 * took:.0f} ms"
        say(f"{_rows(written.rows)} in {time}")


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"
