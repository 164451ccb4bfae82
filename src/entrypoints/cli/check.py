"""`app check`: whether what is published keeps what its runs promised."""

from collections.abc import Sequence
from typing import Annotated

import typer


def check(
    context: typer.Context,
    tables: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TABLE…]", help="Only these tables, as nft.nfts or nfts."),
    ] = None,
    files: Annotated[
        bool, typer.Option("--files", help="Read the data files too, as `app catalog verify` does.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> int:
    """Check each data set: how its last run ended, whether its rows add up, what was kept out.

    Exit code 1 when a check fails; a warning is no failure.
    """
    from application.check_datasets import DatasetCheck, published_tables
    from application.verify_catalog import VerifyReport
    from domain.health import Level
    from entrypoints.cli.catalog_report import show_verify, verify_as_json
    from entrypoints.cli.output import say, show_json, show_rows
    from entrypoints.cli.session import run
    from entrypoints.cli.verify_progress import watched
    from entrypoints.container import Container

    async def work(container: Container) -> tuple[Sequence[DatasetCheck], VerifyReport | None]:
        checks: Sequence[DatasetCheck]
        checks = await container.check_datasets().execute(tables or ())
        if not files:
            return checks, None
        names = published_tables(await container.manifests().latest(), tables or ())
        return checks, await watched(container.verify_catalog().execute(tables=names))

    checks, verified = run(context, work)
    failed = any(each.level is Level.FAILURE for each in checks)
    if as_json:
        show_json(
            {
                "checks": [
                    {
                        "table": each.table,
                        "target": each.target,
                        "check": each.check,
                        "level": each.level.value,
                        "detail": each.detail,
                    }
                    for each in checks
                ],
                "files": verify_as_json(verified) if verified else None,
            }
        )
    else:
        show_rows(
            ("table", "target", "check", "level", "detail"),
            [
                (each.table, each.target, each.check, each.level.value, each.detail)
                for each in checks
            ],
        )
        if not checks:
            say("Nothing is published yet. Begin with: app ingest nft dxterminal")
        if verified:
            show_verify(verified)
    return 1 if failed or (verified and verified.damages) else 0
