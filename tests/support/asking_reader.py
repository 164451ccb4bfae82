"""A program that asks the catalog again and again while others publish.

python -m tests.support.asking_reader N: N queries over the data folder of the environment, each
of the newest version; one line each with version, NFTs and traits; exit 1 at a version that does
not agree with itself.
"""

import asyncio
import io
import json
import sys

from dependency_injector import providers

from application.ports.query_engine import Query
from application.ports.result_writer import Layout
from entrypoints.container import Container, close_container
from entrypoints.settings import Settings

_SQL = """
select (select count(*) from nfts) as nfts, (select sum(trait_count) from nfts) as counted,
       (select count(*) from traits) as traits,
       (select count(distinct _run_id) from
           (select _run_id from nfts union all select _run_id from traits)) as runs,
       (select sum(rows) from meta.datasets where table_name = 'nft.nfts') as promised
"""


async def ask(times: int) -> int:
    """The exit code."""
    container = Container(settings=providers.Object(Settings()))
    catalog = container.query_catalog()
    for _ in range(times):
        version = await catalog.latest()
        sink = io.BytesIO()
        await asyncio.to_thread(catalog.execute, version, Query(_SQL), Layout("json"), sink)
        (row,) = json.loads(sink.getvalue())
        sys.stdout.write(f"{version.manifest.version} {row['nfts']} {row['traits']}\n")
        whole = row["counted"] == row["traits"] and row["promised"] == row["nfts"]
        if not whole or row["runs"] != 1:
            sys.stdout.write(f"not one version: {row}\n")
            return 1
    await close_container(container)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(ask(int(sys.argv[1]))))
