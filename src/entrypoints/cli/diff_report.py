"""Two versions compared, as tables and as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from application.diff_versions import VersionsDiff
from application.ports.version_differ import RowChange, TableDiff
from entrypoints.cli.output import say, show, show_rows


def show_diff(found: VersionsDiff, domain: str, target: str) -> None:
    """Counts by table, then examples with one line a column that changed."""
    show(f"{domain} {target}: version {found.before} -> {found.after}")
    show_rows(
        ("table", "added", "removed", "changed", "columns"),
        [
            (each.table, each.added, each.removed, each.changed, ", ".join(_columns(each)))
            for each in found.tables
        ],
    )
    for each in found.tables:
        if each.examples:
            show("")
            rows = [line for change in each.examples for line in _lines(change)]
            show_rows((each.table, "change", "column", "before", "after"), rows)
            left = each.added + each.removed + each.changed - len(each.examples)
            if left:
                say(f"{left:,} more of {each.table}: --limit shows them.")
    if all(each.is_empty for each in found.tables):
        say("Nothing differs.")


def _columns(diff: TableDiff) -> Iterator[str]:
    yield from (f"+{name}" for name in diff.new_columns)
    yield from (f"-{name}" for name in diff.gone_columns)


def _lines(change: RowChange) -> Iterator[tuple[str, str, str, str | None, str | None]]:
    """One line a column of a changed row, one for a row that came or went."""
    key = "/".join(str(value) for value in change.key.values())
    label = change.row.get("trait_type") or change.row.get("name")
    if change.kind != "changed":
        shown = change.row.get("value") or label
        sides = (None, _text(shown)) if change.kind == "added" else (_text(shown), None)
        yield key, change.kind, _text(label) or "", *sides
        return
    for column, was in change.before.items():
        named = f"{label}: {column}" if "trait_type" in change.row else column
        yield key, change.kind, named, _text(was), _text(change.row[column])


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def diff_as_json(found: VersionsDiff, domain: str, target: str) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "domain": domain,
        "target": target,
        "from": found.before,
        "to": found.after,
        "tables": {
            each.table: {
                "added": each.added,
                "removed": each.removed,
                "changed": each.changed,
                "new_columns": list(each.new_columns),
                "gone_columns": list(each.gone_columns),
                "examples": [
                    {
                        "kind": change.kind,
                        "key": _values(change.key),
                        "row": _values(change.row),
                        "before": _values(change.before),
                    }
                    for change in each.examples
                ],
            }
            for each in found.tables
        },
    }


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """JSON's own types as they are, all else as text."""
    kept = (str, int, float, bool, type(None))
    return {name: value if isinstance(value, kept) else str(value) for name, value in row.items()}
