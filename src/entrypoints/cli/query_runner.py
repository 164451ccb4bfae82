"""Runs a query and sends its result where it belongs."""

import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import typer

from application.ports.query_engine import Query
from application.ports.result_writer import Layout
from application.query_catalog import CatalogVersion, QueryCatalog
from domain.errors import QueryError, StatementRefusedError
from entrypoints.cli.output import say
from entrypoints.cli.result_file import replacing
from entrypoints.cli.session import run
from entrypoints.cli.terminal_sink import TerminalSink
from entrypoints.container import Container


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryOrder:
    """What to ask and how to write the answer; `null` None means the format's own word."""

    sql: str
    parameters: Mapping[str, str]
    output: Path | None
    format: str
    limit: int | None
    timeout: float
    memory: str
    header: bool
    null: str | None


def run_query(context: typer.Context, order: QueryOrder) -> None:
    """Run it over the newest version."""

    async def prepare(container: Container) -> tuple[QueryCatalog, CatalogVersion]:
        catalog = container.query_catalog()
        return catalog, await catalog.latest()

    catalog, version = run(context, prepare)
    query = Query(order.sql, order.parameters, order.timeout, order.memory)
    terminal = order.output is None and sys.stdout.isatty()
    layout = Layout(
        order.format,
        order.limit,
        order.header,
        _null(order, terminal=terminal),
        shutil.get_terminal_size().columns if terminal else None,
    )
    try:
        with sink_to(order.output, terminal=terminal) as sink:
            written = catalog.execute(version, query, layout, sink)
    except StatementRefusedError:
        raise
    except QueryError:
        if version.manifest.version == 0:
            say("Nothing is ingested yet. Begin with: app ingest nft dxterminal")
        raise
    if written.truncated:
        say(f"… more rows; {written.rows:,} are shown. `--limit N` shows more.")
    if order.output is not None:
        say(f"{written.rows:,} rows written to {order.output}")


def _null(order: QueryOrder, *, terminal: bool) -> str:
    """NULL is told from an empty text where people read; files leave it empty."""
    if order.null is not None:
        return order.null
    return "NULL" if terminal and order.format == "table" else ""


@contextmanager
def sink_to(output: Path | None, *, terminal: bool) -> Iterator[BinaryIO]:
    """The file, the terminal or the pipe that a result goes to."""
    if output is not None:
        with replacing(output) as sink:
            yield sink
    elif terminal:
        sys.stdout.flush()
        with TerminalSink(sys.stdout.buffer) as sink:
            yield cast("BinaryIO", sink)
    else:
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
