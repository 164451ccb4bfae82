"""The plan for many targets, in a table."""

from collections.abc import Sequence
from dataclasses import asdict, replace

from application.plan_targets import TargetsPlan
from domain.rate_limits import RateLimit
from entrypoints.cli.output import Cell, show_json, show_rows
from entrypoints.cli.words import span

_NAMED = 20


def show_targets_plan(plan: TargetsPlan, *, as_json: bool) -> None:
    """Show it."""
    if as_json:
        reasons = {name: str(error) for name, error in plan.refused.items()}
        show_json({**asdict(replace(plan, refused={})), "refused": reasons})
        return
    refused = [(name, str(error)) for name, error in plan.refused.items()]
    rows: list[tuple[str, Cell]] = [
        *((f"targets of {name}", count) for name, count in plan.targets.items()),
        ("published before", plan.published),
        ("stopped, to be continued", plan.stopped),
        ("requests, at least", plan.requests),
        *((f"limits of {name}", _words(each)) for name, each in plan.limits.items() if each),
        ("time under these limits, at least", span(plan.seconds)),
        ("targets that cannot be", len(refused)),
        *((name, reason) for name, reason in refused[:_NAMED]),
    ]
    if len(refused) > _NAMED:
        rows.append(("…", f"{len(refused) - _NAMED:,} more"))
    show_rows(("what", "value"), rows)


def _words(limits: Sequence[RateLimit]) -> str:
    return ", ".join(f"{each.count:,} in {span(each.seconds)}" for each in limits)
