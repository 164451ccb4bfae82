"""What `app catalog` has done or found, in words and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Any

from application.ports.lake_maintenance import Defect
from application.prune_catalog import PruneReport
from application.rebuild_catalog import RebuildReport
from application.verify_catalog import Damage, VerifyReport
from entrypoints.cli.output import say, show, show_rows
from entrypoints.cli.words import size

_WOULD = ("Would remove", "would be freed", "would be")
_MANY = 10  # that are named one by one


def show_prune(report: PruneReport, *, done: bool) -> None:
    """What goes, what stays and why."""
    verb, freed, left = ("Removed", "freed", "are") if done else _WOULD
    show(
        f"{verb} {_named(report.versions)} and {_counted(report.files, 'file')}; "
        f"{size(report.bytes)} {freed}. {report.kept:,} {left} left."
    )
    if report.young:
        say(
            f"{_named(report.young)} stayed the newest one until less than a day ago: kept for now."
        )
    if report.held:
        say(f"{_named(report.held)} in use by a reader: kept.")
    if not done and (report.versions or report.folders):
        say("Nothing was removed. Add --yes to do it.")


def prune_as_json(report: PruneReport, *, done: bool) -> dict[str, Any]:
    """What `--json` prints; `removed` is false for a plan."""
    return {
        "removed": done,
        "versions": list(report.versions),
        "held": list(report.held),
        "young": list(report.young),
        "kept": report.kept,
        "files": report.files,
        "bytes": report.bytes,
    }


def show_verify(report: VerifyReport) -> None:
    """Damaged files with their versions, then what to do."""
    if report.damages:
        show_rows(
            ("file", "table", "target", "versions", "defect", "found", "columns"),
            [
                (
                    each.finding.file.path,
                    each.table,
                    each.target,
                    _ranges(each.versions),
                    each.finding.defect.value,
                    each.finding.detail,
                    ", ".join(each.finding.columns),
                )
                for each in report.damages
            ],
        )
    for advice in _advice(report.damages):
        say(advice, "red")
    for each in report.strays[:_MANY]:
        say(f"no version has {each.path} ({_counted(each.files, 'file')}, {size(each.bytes)})")
    if report.strays:
        strays = _counted(len(report.strays), "folder")
        say(f"{strays} of no version. `app catalog prune --yes` removes them.")
    if not report.damages:
        show(
            f"{_counted(report.files, 'file')} of {_counted(report.versions, 'version')}, "
            f"{size(report.bytes)}: "
            "all as they were published."
        )


def verify_as_json(report: VerifyReport) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "versions": report.versions,
        "files": report.files,
        "bytes": report.bytes,
        "damaged": [
            {
                "path": each.finding.file.path,
                "table": each.table,
                "target": each.target,
                "versions": list(each.versions),
                "current": each.is_current,
                "defect": each.finding.defect.value,
                "detail": each.finding.detail,
                "columns": list(each.finding.columns),
            }
            for each in report.damages
        ],
        "strays": [
            {"path": each.path, "files": each.files, "bytes": each.bytes} for each in report.strays
        ],
        "advice": list(_advice(report.damages)),
    }


def show_rebuild(report: RebuildReport) -> None:
    """What was made."""
    for name in report.published:
        show(name)
    say(f"{_counted(len(report.published), 'derived file')}, of version {report.version}.")
    if report.runs:
        say(f"{_counted(len(report.runs), 'lost record')} of runs made again from their versions.")
    if report.pruned:
        say(f"{_named(report.pruned)} written down as pruned, from their runs.")


def rebuild_as_json(report: RebuildReport) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "version": report.version,
        "published": list(report.published),
        "dropped": list(report.dropped),
        "runs": list(report.runs),
        "pruned": list(report.pruned),
    }


def _advice(damages: Sequence[Damage]) -> Iterator[str]:
    """A command for each data set that is damaged now, and a word about older versions."""
    current = [each for each in damages if each.is_current]
    for domain, target, source in dict.fromkeys(
        (each.table.partition(".")[0], each.target, each.source) for each in current
    ):
        yield (
            f"{domain} {target} is damaged: restore its files from a backup, or have it fetched "
            f"again: app ingest {domain} {target} --source {source} --full-refresh (a table to "
            "which runs add rows: with --data-dir and a new folder)"
        )
    if any(each.finding.defect is Defect.CHECKSUM for each in current):
        yield "A published Parquet file shares its bytes with the lake: edit a copy of it."
    if len(current) < len(damages):
        older = _counted(len(damages) - len(current), "damaged file")
        yield (
            f"{older} of older versions alone: restore from a backup, or let the versions go: "
            "app catalog prune --keep N --yes"
        )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _named(versions: Sequence[int]) -> str:
    """`5 versions (1-4, 7)`."""
    ranges = _ranges(versions)
    return _counted(len(versions), "version") + (f" ({ranges})" if ranges else "")


def _ranges(versions: Sequence[int]) -> str:
    """`1-4, 7`; empty for none."""
    spans: list[list[int]] = []
    for version in sorted(versions):
        if spans and spans[-1][1] == version - 1:
            spans[-1][1] = version
        else:
            spans.append([version, version])
    words = [f"{a}" if a == b else f"{a}-{b}" for a, b in spans]
    return ", ".join(words[:_MANY]) + (", …" if len(words) > _MANY else "")
