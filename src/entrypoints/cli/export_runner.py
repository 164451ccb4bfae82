"""Runs an export, and says what arrived."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from application.export_tables import ExportPlan, ExportTables, plan_export
from application.ports.result_writer import Layout
from application.ports.table_exporter import ExportedTable, TableExporter
from application.query_catalog import QueryCatalog
from domain.errors import UsageError
from entrypoints.cli.invocation import invocation
from entrypoints.cli.output import say
from entrypoints.cli.query_format import SUFFIXES, Format, Style, style_for
from entrypoints.cli.result_file import destination
from entrypoints.cli.result_sink import sink_to
from entrypoints.cli.session import run
from entrypoints.container import Container

_DATABASE = ".duckdb"
_FOR_READING = frozenset({Format.TABLE, Format.MARKDOWN, Format.LINE})


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What to copy, and where to; see the options of `app export`."""

    tables: Sequence[str]
    output: Path | None
    to: str | None
    where: str
    target: str | None
    at: str | None
    force: bool
    memory: str


def run_export(context: typer.Context, order: ExportOrder) -> None:
    """Copy the tables; blocking.

    Raises:
        UsageError: the order makes no sense, or would replace what is there.
        NotFoundError: no such table, target or version.
        ExportError, StorageError: it did not arrive.
    """
    style = _style(order)

    async def prepare(
        container: Container,
    ) -> tuple[QueryCatalog, ExportTables, TableExporter | None, ExportPlan]:
        catalog: QueryCatalog = container.query_catalog()
        tables: ExportTables = container.export_tables()
        invocation(context).closing.extend((catalog.close, tables.close))
        exporter: TableExporter | None = None
        if order.to is not None:
            exporter = container.postgres_exporter()(order.to, force=order.force)
        elif style is None:
            exporter = container.duckdb_exporter()(order.output, force=order.force)
        version = await (catalog.latest() if order.at is None else catalog.at(order.at))
        if version.manifest.version == 0:
            say("Nothing is ingested yet. Begin with: app ingest nft dxterminal")
        plan = plan_export(version, order.tables, order.target)
        plan = replace(plan, where=order.where, memory=order.memory)
        return catalog, tables, exporter, plan

    catalog, tables, exporter, plan = run(context, prepare)
    if exporter is not None:
        _tell(order, tables.execute(plan, exporter))
    elif style is not None:
        _tell(order, [_to_file(catalog, plan, order, style)])


def _style(order: ExportOrder) -> Style | None:
    """The format of a single file; None for a database."""
    if (order.output is None) == (order.to is None):
        message = "Say where to: -o FILE or --to URL."
        raise UsageError(message)
    if order.output is None or order.output.suffix.lower() == _DATABASE:
        return None
    if destination(order.output) is None:
        message = "-o -: an export goes to a file; `app query` writes to stdout."
        raise UsageError(message)
    style = style_for(None, order.output, terminal=False) if _is_known(order.output) else None
    if style is None:
        known = [each for each, kind in SUFFIXES.items() if kind not in _FOR_READING]
        message = (
            f"-o {order.output}: the suffix tells no format; {', '.join([*known, _DATABASE])} do."
        )
        raise UsageError(message)
    if order.output.exists() and not order.force:
        message = f"{order.output} is there already. --force replaces it."
        raise UsageError(message)
    return style


def _is_known(output: Path) -> bool:
    stem = output.with_suffix("") if output.suffix.lower() in {".gz", ".zst"} else output
    kind = SUFFIXES.get(stem.suffix.lower())
    return kind is not None and kind not in _FOR_READING


def _to_file(
    catalog: QueryCatalog, plan: ExportPlan, order: ExportOrder, style: Style
) -> ExportedTable:
    if len(plan.tables) != 1:
        message = (
            f"{order.output} holds one table, and {', '.join(plan.tables)} are meant: name one, "
            f"or write a {_DATABASE} file."
        )
        raise UsageError(message)
    (name,) = plan.tables
    with sink_to(order.output, terminal=False, compression=style.compression) as sink:
        written = catalog.execute(plan.version, plan.query(name), Layout(style.name), sink)
    return ExportedTable(name, written.rows)


def _tell(order: ExportOrder, exported: Sequence[ExportedTable]) -> None:
    """Never the URL: it may hold a password."""
    where = "PostgreSQL" if order.output is None else str(order.output)
    for each in exported:
        rows = f"{each.rows:,} row{'s' * (each.rows != 1)}"
        say(f"{rows} of {each.name} written to {where}")
        for note in each.notes:
            say(f"note: {each.name}: {note}")
