"""dlt at its fastest: own aiohttp code that yields Arrow tables, loaded as Parquet files."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import dlt
import pyarrow as pa
from hand_aiohttp import KEY, SLUG, WORKERS, document, get_json, trait_rows

BASE, FOLDER = sys.argv[1], Path(sys.argv[2])
# Named, since a page whose values are all null would otherwise get a column of type null.
NULLABLE = ("name", "description", "display_animation_url", "metadata_url")
TEXTS = ("contract", "identifier", "trait_type", "value", "display_type")
TRAITS = pa.schema(
    {**dict.fromkeys(TEXTS, pa.string()), "position": pa.int64(), "value_number": pa.float64()}
)


async def documents(session: aiohttp.ClientSession, nfts: list[dict]) -> list[dict]:
    """The metadata documents of one page."""
    gate = asyncio.Semaphore(WORKERS)

    async def one(nft: dict) -> dict:
        async with gate:
            return await document(session, nft)

    return await asyncio.gather(*map(one, nfts))


@dlt.resource(name="pages")
async def pages() -> AsyncIterator[object]:
    """Two Arrow tables a page, each sent to its own table."""
    params = {"limit": "200"}
    async with aiohttp.ClientSession() as session:
        while params:
            url = f"{BASE}/api/v2/collection/{SLUG}/nfts"
            page = await get_json(session, url, params=params, headers=KEY)
            found = await documents(session, page["nfts"])
            rows = [trait_rows(*each) for each in zip(page["nfts"], found, strict=True)]
            nfts = [
                {**nft, **{name: nft[name] or "" for name in NULLABLE}, "trait_count": len(traits)}
                for nft, traits in zip(page["nfts"], rows, strict=True)
            ]
            traits = pa.Table.from_pylist([row for each in rows for row in each], TRAITS)
            yield dlt.mark.with_table_name(pa.Table.from_pylist(nfts), "nfts")
            yield dlt.mark.with_table_name(traits, "traits")
            params = {"limit": "200", "next": page["next"]} if page.get("next") else {}


pipeline = dlt.pipeline(
    "bench_arrow",
    destination=dlt.destinations.filesystem(str(FOLDER)),
    dataset_name="nft",
    pipelines_dir=str(FOLDER / "state"),
)
load = pipeline.run(pages(), loader_file_format="parquet", write_disposition="replace")
load.raise_on_failed_jobs()
