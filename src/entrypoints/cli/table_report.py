"""A table described, in words and as JSON."""

from datetime import datetime
from typing import Any

from application.describe_table import TableDescription
from application.list_datasets import DatasetSummary
from domain.coverage import Span
from domain.profiles import ColumnProfile, Scalar, TableProfile
from domain.sql_names import sql_type
from entrypoints.cli.output import say, show, show_rows
from entrypoints.cli.words import ago, moment, size

_GAPS = 20
_TOP = 3
_WIDTH = 24  # characters of a value in a list of columns


def show_table(found: TableDescription, now: datetime) -> None:
    """Columns, what they hold, data sets, runs, checks that are not all well."""
    show(f"{found.name}: {found.meaning} Key: {', '.join(found.key)}.\n")
    show_rows(
        ("column", "type", "meaning"),
        [(each.name, sql_type(each.type), each.meaning) for each in found.fields],
    )
    if not found.datasets:
        say("It holds nothing yet.")
        return
    if found.profile is not None:
        show("")
        _show_profile(found.profile)
    show("")
    show_rows(
        ("target", "source", "rows", "size", "files", "committed", "age", "complete until"),
        [
            (
                each.target,
                each.source,
                each.rows,
                size(each.bytes),
                each.files,
                moment(each.committed_at),
                ago(each.committed_at, now),
                moment(each.complete_until),
            )
            for each in found.datasets
        ],
    )
    _show_gaps(found)
    show("")
    show_rows(
        ("run", "target", "state", "started", "note"),
        [
            (
                run.run_id,
                run.target,
                run.state.value,
                moment(run.started_at),
                run.error or ("unchanged" if run.unchanged else ""),
            )
            for run in found.runs
        ],
    )
    show("")
    show_rows(
        ("target", "check", "level", "detail"),
        [(each.target, each.check, each.level.value, each.detail) for each in found.checks],
    )


def _show_gaps(found: TableDescription) -> None:
    gaps = [(each.target, gap) for each in found.datasets for gap in each.gaps]
    if not gaps:
        return
    show("")
    show_rows(
        ("target", "gap from", "to"),
        [(target, moment(gap.since), moment(gap.until)) for target, gap in gaps[:_GAPS]],
    )
    left = len(gaps) - _GAPS
    say(f"{f'… {left:,} more gaps. ' if left > 0 else ''}`app ingest --backfill` fills gaps.")


def _show_profile(profile: TableProfile) -> None:
    show_rows(
        ("column", "null", "distinct", "min", "max", "most frequent"),
        [
            (
                each.name,
                _share(each.nulls, profile.rows),
                _distinct(each),
                _short(each.minimum),
                _short(each.maximum),
                ", ".join(f"{_short(value)} ({count:,})" for value, count in each.top[:_TOP]),
            )
            for each in profile.columns
        ],
    )


def _share(nulls: int, rows: int) -> str:
    """Only none is 0 %, and only all are 100 %."""
    if not nulls:
        return "0 %"
    percent = 100 * nulls / max(1, rows)
    return "< 0.1 %" if percent < 0.1 else f"{min(percent, 100 if nulls == rows else 99.9):.3g} %"  # noqa: PLR2004  # percent


def _distinct(column: ColumnProfile) -> str:
    if column.distinct is None:
        return ""
    return f"{column.distinct:,}" if column.is_exact else f"about {column.distinct:,}"


def _short(value: Scalar | None) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"


def table_as_json(found: TableDescription, now: datetime) -> dict[str, Any]:
    """What `--json` prints."""
    columns = {each.name: each for each in found.profile.columns} if found.profile else {}
    return {
        "table": found.name,
        "meaning": found.meaning,
        "key": list(found.key),
        "rows": found.profile.rows if found.profile else 0,
        "columns": [
            {
                "name": each.name,
                "type": sql_type(each.type),
                "meaning": each.meaning,
                "profile": _profile(columns.get(each.name)),
            }
            for each in found.fields
        ],
        "datasets": [dataset_as_json(each, now) for each in found.datasets],
        "runs": [
            {
                "run_id": run.run_id,
                "target": run.target,
                "state": run.state.value,
                "started_at": run.started_at.isoformat(),
                "unchanged": run.unchanged,
                "error": run.error,
            }
            for run in found.runs
        ],
        "checks": [
            {
                "target": each.target,
                "check": each.check,
                "level": each.level.value,
                "detail": each.detail,
            }
            for each in found.checks
        ],
    }


def _profile(column: ColumnProfile | None) -> dict[str, Any] | None:
    if column is None:
        return None
    return {
        "nulls": column.nulls,
        "distinct": column.distinct,
        "exact": column.is_exact,
        "min": column.minimum,
        "max": column.maximum,
        "top": [{"value": value, "count": count} for value, count in column.top],
    }


def last_run(each: DatasetSummary) -> str:
    """The state of the newest run of a data set's target, and whether it found anything new."""
    run = each.last_run
    if run is None:
        return ""
    return "unchanged" if run.unchanged else run.state.value


def _span(span: Span) -> dict[str, str | None]:
    """Without `since`: from the beginning of the data on."""
    since = span.since.isoformat() if span.since else None
    return {"since": since, "until": span.until.isoformat()}


def dataset_as_json(each: DatasetSummary, now: datetime) -> dict[str, Any]:
    """One data set, as `app datasets --json` lists it too."""
    run = each.last_run
    return {
        "table": each.table,
        "target": each.target,
        "source": each.source,
        "rows": each.rows,
        "bytes": each.bytes,
        "files": each.files,
        "run_id": each.run_id,
        "committed_at": each.committed_at.isoformat(),
        "age_seconds": max(0, int((now - each.committed_at).total_seconds())),
        "complete_until": each.complete_until.isoformat() if each.complete_until else None,
        "covered": [[_span(span) for span in coverage] for coverage in each.covered],
        "gaps": [_span(gap) for gap in each.gaps],
        "last_run": None
        if run is None
        else {"run_id": run.run_id, "state": run.state.value, "unchanged": run.unchanged},
    }
